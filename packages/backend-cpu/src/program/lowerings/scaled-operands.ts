// The weight and the bias of a convolution: as they are, or with what follows it channel by channel in them.
import { at } from "@stria/core";
import { prediction } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import type { Lowering } from "../lower.ts";
import type { Operand } from "../product.ts";
import type { BufferId } from "../steps.ts";
import { biasOf, type Epilogue } from "./rule.ts";

export interface ScaledOperands {
  readonly weight: BufferId;
  readonly bias: Operand | undefined;
}

/** Rows of the weight, each for one output: the first for the first, and so on, again and again. */
export interface Rows {
  readonly outputs: number;
  readonly rows: number;
}

/** Whether an operand is a number for each channel, side by side in memory. */
function liesAsBias(l: Lowering, operand: number, rank: number): boolean {
  const { shape, strides } = l.read(operand).view;
  const axis = shape.length - (rank - 1);
  return axis >= 0 && at(shape, axis) > 1 && at(strides, axis) === 1;
}

export function* scaledOperands(l: Lowering, weight: number, epilogue: Epilogue, size: Rows): Pieces<ScaledOperands> {
  const source = l.dense(weight);
  const steps = epilogue?.channels ?? [];
  const [first] = steps;
  const isThere =
    steps.length === 1 &&
    first?.op === "add" &&
    (size.outputs === 1 || liesAsBias(l, first.operand, l.shapeOf(weight).length));
  if (!first || isThere) return { weight: source, bias: biasOf(l, epilogue) };
  return (yield* prediction.wait()).foldedOperands(l, weight, source, steps, size);
}
