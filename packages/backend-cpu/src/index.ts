// @stria/backend-cpu: kernels emitted as WebAssembly SIMD at run time, on threads.
export { cpu, type CpuOptions } from "./backend.ts";
export type { Algorithm, Algorithms } from "./program/channels-last/algorithms.ts";
export type { Clock } from "./insight/clocks.ts";
export type { InsightOptions, Traced } from "./insight/compiled-program.ts";
export type { ExplainedUnit } from "./insight/describe.ts";
export { explain, type Explanation } from "./insight/explain.ts";
export type { Machine } from "./insight/machine.ts";
export {
  type Profile,
  profile,
  type ProfiledLayer,
  type ProfiledUnit,
  type ProfileOptions,
} from "./insight/profile.ts";
export type { ExplainedMemory } from "./program/memory-use.ts";
export { tunings, type Tunings } from "./tuning/answers.ts";
