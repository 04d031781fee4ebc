import { quickModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("webgpu", quickModels);
