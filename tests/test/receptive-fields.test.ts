import { testGoldenFile } from "./golden-files.ts";
import { onBackend } from "./on-backend.ts";

await onBackend("cpu", () => {
  testGoldenFile("cpu", "models/receptive-fields.json");
});
