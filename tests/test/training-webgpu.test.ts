import { shortRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("webgpu", shortRuns);
