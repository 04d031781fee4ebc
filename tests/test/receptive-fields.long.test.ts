import { testGoldenFile } from "./golden-files.ts";
import { largeFields } from "./large-fields.ts";
import { onBackend } from "./on-backend.ts";

await onBackend("cpu", () => {
  testGoldenFile("cpu", "models/receptive-fields.json", { only: (id) => largeFields.test(id) });
});
