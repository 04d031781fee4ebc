import { shortModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("onnx", shortModels);
