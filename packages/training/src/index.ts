// @stria/training: training steps, fit, evaluate, predict, metrics, checkpoints and progress.
export type { Batches, LabelledBatch } from "./batch.ts";
export { type CheckpointInfo, type Position, checkpointBytes, restoreCheckpoint } from "./checkpoint/checkpoint.ts";
export type { CallbackState } from "./checkpoint/run-state.ts";
export { loadCheckpoint, loadModelFile, saveCheckpoint, saveModelFile } from "./checkpoint/file.ts";
export { type SaveOptions, loadModel, saveModel } from "./checkpoint/model.ts";
export { type EvaluateOptions, evaluate } from "./evaluate.ts";
export type { Callback, EpochReport, History, Run, StepReport } from "./fit/callback.ts";
export { type BestCheckpoint, type CheckpointsOptions, bestCheckpoint, checkpoints } from "./fit/checkpoints.ts";
export { type EarlyStopping, type EarlyStoppingOptions, earlyStopping } from "./fit/early-stopping.ts";
export { type FindLearningRateOptions, type LearningRates, findLearningRate } from "./fit/find-learning-rate.ts";
export { type FitOptions, fit } from "./fit/fit.ts";
export { csvLog, jsonLog } from "./fit/logs.ts";
export type { MonitorOptions } from "./fit/monitor.ts";
export { observe } from "./fit/observe.ts";
export { type ProgressBarOptions, type TextStream, progressBar } from "./fit/progress-bar.ts";
export {
  type Forecast,
  type ForecastInferenceOptions,
  type ForecastTrainingOptions,
  forecastInference,
  forecastTraining,
} from "./forecast/forecast.ts";
export { accuracy, accuracyOf, topKAccuracy } from "./metrics/accuracy.ts";
export { type Average, type ByClassOptions, f1, meanIou, precision, recall } from "./metrics/by-class.ts";
export { cellScores, type CellScores, type ImageSize, labelCells } from "./metrics/cells.ts";
export { type ConfusionMatrix, confusionMatrix } from "./metrics/confusion.ts";
export type { DecisionOptions } from "./metrics/decisions.ts";
export { meanOf } from "./metrics/mean.ts";
export { type LossFunction, meanLoss } from "./metrics/mean-loss.ts";
export type { Accumulator, Metric, MetricTable, Results } from "./metrics/metric.ts";
export { meanAbsoluteError, meanSquaredError, rSquared } from "./metrics/regression.ts";
export { type AucOptions, type RocCurve, auc, averagePrecision, rocCurve } from "./metrics/roc.ts";
export type { ScoreOptions } from "./metrics/scores.ts";
export { type StreamingMetric, streaming } from "./metrics/streaming.ts";
export { startSums } from "./metrics/sums.ts";
export { bestCellScores, type BestScores, thinMembranes } from "./metrics/thinning.ts";
export { type PredictOptions, predict } from "./predict.ts";
export type { Reported, StepOptions } from "./step-program.ts";
export { type LossResult, type Numbers, type Pending, type TrainStep, trainStep } from "./train-step.ts";
export type { TrainingState } from "./training-state.ts";
export { updateBatchNorm } from "./update-batch-norm.ts";
