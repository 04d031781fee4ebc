// @stria/training: training steps, fit, evaluate, predict, metrics, checkpoints and progress.
export type { Batches, LabelledBatch } from "./batch.ts";
export type { Reported, StepOptions } from "./step-program.ts";
export { type LossResult, type Numbers, type Pending, type TrainStep, trainStep } from "./train-step.ts";
export type { TrainingState } from "./training-state.ts";
