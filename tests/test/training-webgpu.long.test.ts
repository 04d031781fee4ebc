import { longRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("webgpu", longRuns);
