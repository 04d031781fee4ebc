import { shortModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("webgpu", shortModels);
