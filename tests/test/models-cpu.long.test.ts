import { longModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("cpu", longModels);
