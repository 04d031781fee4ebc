// What losses share: how the losses of single elements become one number.
import { type Shape, ShapeError, type Tensor, mean, sameShape, showShape, sum } from "@stria/core";
import { wordOf } from "../check-options.ts";

/** "mean" and "sum" give a scalar, "none" a loss for each element. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** Default "mean". */
  readonly reduction?: Reduction;
}

export function reduce(losses: Tensor, reduction: Reduction): Tensor {
  const table: Readonly<Record<Reduction, (x: Tensor) => Tensor>> = { mean, sum, none: (x) => x };
  return wordOf("loss", "reduction", reduction, table)(losses);
}

/** @throws ShapeError where a prediction and its target differ in shape: broadcasting one to the other is a mistake far more often than a wish. */
export function checkSameShape(loss: string, prediction: Shape, target: Shape): void {
  if (!sameShape(prediction, target))
    throw new ShapeError(
      loss,
      `the prediction is ${showShape(prediction)}, the target ${showShape(target)}`,
      "give both the same shape",
    );
}
