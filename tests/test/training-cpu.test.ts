import { shortRuns, testTrainingGoldens } from "./training-goldens.ts";

await testTrainingGoldens("cpu", shortRuns);
