import { smallModels, testModelGoldens } from "./model-goldens.ts";

await testModelGoldens("onnx", smallModels);
