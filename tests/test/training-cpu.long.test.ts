import { longRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("cpu", longRuns);
