import { longRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("reference", longRuns);
