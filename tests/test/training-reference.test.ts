import { shortRuns, testTrainingGoldens } from "./training-goldens.ts";

// A step of ResNet-20 takes the reference's plain loops minutes: the long tests have it.
const runs = shortRuns.filter(({ name }) => !name.startsWith("resnet20"));
await testTrainingGoldens("reference", runs);
