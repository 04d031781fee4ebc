// What a reference is: an op said so plainly that it can be trusted, computed in float64 and rounded once.
import type { TypedArray } from "../tensor/dtype.ts";
import type { NodeSpec } from "../backend.ts";

/** Row-major inputs in, fresh row-major outputs out. Inputs are neither written nor returned. */
export type Reference = (inputs: readonly TypedArray[], node: NodeSpec) => readonly TypedArray[];
