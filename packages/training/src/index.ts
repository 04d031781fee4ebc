// @stria/training: training steps, fit, evaluate, predict, metrics, checkpoints and progress.
export type { Batches, LabelledBatch } from "./batch.ts";
export { type CheckpointInfo, type Position, checkpointBytes, restoreCheckpoint } from "./checkpoint/checkpoint.ts";
export { loadCheckpoint, loadModelFile, saveCheckpoint, saveModelFile } from "./checkpoint/file.ts";
export { loadModel, saveModel } from "./checkpoint/model.ts";
export { evaluate } from "./evaluate.ts";
export type { Callback, EpochReport, History, Run, StepReport } from "./fit/callback.ts";
export { type CheckpointsOptions, checkpoints } from "./fit/checkpoints.ts";
export { type FitOptions, fit } from "./fit/fit.ts";
export { type ProgressBarOptions, type TextStream, progressBar } from "./fit/progress-bar.ts";
export { accuracy } from "./metrics/accuracy.ts";
export { type LossFunction, meanLoss } from "./metrics/mean-loss.ts";
export { type Accumulator, type Metric, type MetricTable, type Results, meanOf } from "./metrics/metric.ts";
export { predict } from "./predict.ts";
export type { Reported, StepOptions } from "./step-program.ts";
export { type LossResult, type Numbers, type Pending, type TrainStep, trainStep } from "./train-step.ts";
export type { TrainingState } from "./training-state.ts";
