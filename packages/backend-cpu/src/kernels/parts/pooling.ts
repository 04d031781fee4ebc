// Loaded when a network pools averages, or pools where images are planes.
export { emitAveragePoolGradientLast, emitAveragePoolLast } from "../channels-last/average-pool.ts";
export { emitMaxPool } from "../max-pool.ts";
export { emitMaxPoolGather, emitMaxPoolGradient } from "../max-pool-indexed.ts";
