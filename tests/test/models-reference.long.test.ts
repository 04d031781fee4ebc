import { quickModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("reference", quickModels);
