import { smallModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("reference", smallModels);
