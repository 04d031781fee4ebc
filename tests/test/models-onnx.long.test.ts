import { quickModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("onnx", quickModels);
