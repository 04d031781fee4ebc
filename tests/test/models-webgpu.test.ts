import { smallModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("webgpu", smallModels);
