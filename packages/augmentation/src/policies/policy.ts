// What a policy of AutoAugment is.
import type { OperationName } from "./operations.ts";

/** An operation, how likely it is, and the step of its scale from 0 to 9, where it has one. */
export type PolicyStep = readonly [name: OperationName, probability: number, bin?: number];

/** Pairs of steps, of which one is drawn. */
export type Policy = readonly (readonly PolicyStep[])[];
