import { quickModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("cpu", quickModels);
