import { allModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("cpu", allModels());
