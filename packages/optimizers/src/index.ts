// @stria/optimizers: optimizers, schedules and clipping, as pure functions over named tensors.
export { type AverageContext, type AverageShare, averageIn, ema, moveAverage, swa, withAverage } from "./average.ts";
export { chain } from "./chain.ts";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clip.ts";
export type { DescentOptions } from "./descent.ts";
export { type ParameterGroup, type ParameterTest, normsAndBiases, withGroups } from "./groups.ts";
export {
  type Evaluation,
  type Lbfgs,
  type LbfgsOptions,
  type LbfgsState,
  type Objective,
  type Stop,
  lbfgs,
  parametersOf,
} from "./lbfgs/lbfgs.ts";
export { type Minimum, minimise, minimiseModel } from "./lbfgs/minimise.ts";
export { withMaxNorm } from "./max-norm.ts";
export { type AdadeltaOptions, adadelta } from "./methods/adadelta.ts";
export { type AdagradOptions, adagrad } from "./methods/adagrad.ts";
export { type AdamOptions, adam, adamW } from "./methods/adam.ts";
export { type AdamaxOptions, adamax } from "./methods/adamax.ts";
export { type LambOptions, lamb } from "./methods/lamb.ts";
export { type LarsOptions, lars } from "./methods/lars.ts";
export { type LionOptions, lion } from "./methods/lion.ts";
export { type NadamOptions, nadam } from "./methods/nadam.ts";
export { type RadamOptions, radam } from "./methods/radam.ts";
export { type RmspropOptions, rmsprop } from "./methods/rmsprop.ts";
export { type RpropOptions, rprop } from "./methods/rprop.ts";
export { type SgdOptions, sgd } from "./methods/sgd.ts";
export type {
  GradientTransformation,
  NamedTensors,
  Optimizer,
  OptimizerState,
  ScalarSource,
  StateSpec,
  StateSpecs,
  UpdateContext,
} from "./optimizer.ts";
export { type ParameterRule, type RuleOptions, type Step, fromRule } from "./rule.ts";
export { scalarsAt } from "./scalars.ts";
export {
  type CosineOptions,
  type WarmRestartsOptions,
  cosine,
  cosineAnnealing,
  cosineWarmRestarts,
} from "./schedules/cosine.ts";
export { type CyclicOptions, cyclic, cyclicMomentum } from "./schedules/cyclic.ts";
export {
  constant,
  exponentialDecay,
  linear,
  multiStepDecay,
  multiplicative,
  polynomialDecay,
  sequence,
  stepDecay,
} from "./schedules/decay.ts";
export {
  type CycleShape,
  type OneCycleMomentumOptions,
  type OneCycleOptions,
  oneCycle,
  oneCycleMomentum,
} from "./schedules/one-cycle.ts";
export { type Plateau, type PlateauOptions, type PlateauState, reduceOnPlateau } from "./schedules/plateau.ts";
export type { Schedule } from "./schedules/schedule.ts";
export { type StatefulSchedule, statefulSchedules } from "./schedules/stateful.ts";
export { withParameters } from "./with-parameters.ts";
