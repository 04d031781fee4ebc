import { testGoldenFile } from "./golden-files.ts";
import { onBackend } from "./on-backend.ts";
import { largeFields } from "./large-fields.ts";

// Those of the largest networks are among the long tests.
await onBackend("cpu", () => {
  testGoldenFile("cpu", "models/receptive-fields.json", { only: (id) => !largeFields.test(id) });
});
