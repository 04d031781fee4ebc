// @stria/optimizers: optimizers, schedules and clipping, as pure functions over named tensors.
export { chain } from "./chain.ts";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clip.ts";
export { type AdamOptions, adam, adamW } from "./methods/adam.ts";
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
  type OneCycleOptions,
  type WarmRestartsOptions,
  cosine,
  cosineAnnealing,
  cosineWarmRestarts,
  oneCycle,
} from "./schedules/cosine.ts";
export { type CyclicOptions, cyclic } from "./schedules/cyclic.ts";
export {
  constant,
  exponentialDecay,
  linear,
  multiStepDecay,
  polynomialDecay,
  sequence,
  stepDecay,
} from "./schedules/decay.ts";
export type { Schedule } from "./schedules/schedule.ts";
