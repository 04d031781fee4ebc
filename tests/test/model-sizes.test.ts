// Parameters and multiply-adds of all golden models and of other kinds of them; nothing is computed.
import { testGoldenFile } from "./golden-files.ts";
import { onBackend } from "./on-backend.ts";

await onBackend("cpu", () => {
  testGoldenFile("cpu", "models/sizes.json");
});
