import { smallModels, testModelGoldens } from "./model-goldens.ts";

// Without a GPU these two take seconds: the long tests have them, with more.
const large: ReadonlySet<string> = new Set(["squeezenet1_1", "mobilenet_v3_small"]);
await testModelGoldens(
  "webgpu",
  smallModels.filter((name) => !large.has(name)),
);
