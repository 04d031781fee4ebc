import { longRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("onnx", longRuns);
