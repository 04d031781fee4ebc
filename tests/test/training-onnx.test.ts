import { shortRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("onnx", shortRuns);
