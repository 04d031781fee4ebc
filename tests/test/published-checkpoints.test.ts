// Published checkpoints, read entry by entry; two of them run, on a thousand test images.
import { testGoldenFile } from "./golden-files.ts";
import { onBackend } from "./on-backend.ts";

const mayLack = "which is not in the folder of data";

await onBackend("cpu", () => {
  testGoldenFile("cpu", "models/checkpoint-contents.json", { mayLack });
  testGoldenFile("cpu", "models/resnet-cifar10-published.json", { mayLack });
});
