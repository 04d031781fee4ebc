import { shortModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("cpu", shortModels);
