// What a random case of an op is, and the tolerances.
import type { Attrs, DType } from "@stria/core";
import type { Operand, Random } from "./random.ts";

export interface Case {
  readonly inputs: readonly Operand[];
  readonly attrs: Attrs;
  /** Tolerances; exact where not given. */
  readonly rtol?: number;
  readonly atol?: number;
}

/** Makes a case that the op's `infer` accepts. */
export type Make = (random: Random) => Case;

export const close = { rtol: 1e-5, atol: 1e-6 };
export const summed = { rtol: 1e-4, atol: 1e-5 };
export const every: readonly DType[] = ["float32", "int32", "uint8", "bool"];
export const numeric: readonly DType[] = ["float32", "int32"];
