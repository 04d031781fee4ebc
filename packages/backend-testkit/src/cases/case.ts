// What a random case of an op is, and how close an answer has to come.
import type { Attrs, DType } from "@stria/core";
import type { Operand, Random } from "../random.ts";

/** Nothing given: exact. */
export interface Tolerance {
  /** Of the wanted element. */
  readonly relative?: number;
  /** Of the largest finite element that is wanted, and at least of 1: what a sum may lose by cancellation. */
  readonly ofLargest?: number;
}

export interface Case {
  readonly inputs: readonly Operand[];
  readonly attrs: Attrs;
  readonly tolerance: Tolerance;
}

/** Makes a case that the op's `infer` accepts. */
export type Make = (random: Random) => Case;

/** Moving, comparing and counting: nothing is rounded. */
export const exact: Tolerance = {};
/** A few roundings of float32 (2^-24 each), and the functions that platforms give to a few units in the last place. */
export const close: Tolerance = { relative: 1e-5, ofLargest: 1e-6 };
/** Sums in float32, in any order. */
export const summed: Tolerance = { relative: 1e-4, ofLargest: 1e-5 };

export const every: readonly DType[] = ["float32", "int32", "uint8", "bool", "float16"];
/** What can be compared: not float16, which is stored, moved and cast. */
export const comparable: readonly DType[] = ["float32", "int32", "uint8", "bool"];
export const numeric: readonly DType[] = ["float32", "int32"];
