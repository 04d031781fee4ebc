// Losses of real-valued predictions.
import { AttributeError, type Tensor, abs, less, mul, square, sub, where } from "@stria/core";
import { type LossOptions, checkSameShape, reduce } from "./reduction.ts";

/** (prediction - target)^2, of equal shapes. @throws ShapeError. */
export function mseLoss(prediction: Tensor, target: Tensor, { reduction = "mean" }: LossOptions = {}): Tensor {
  checkSameShape("mseLoss", prediction.shape, target.shape);
  return reduce(square(sub(prediction, target)), reduction);
}

/** |prediction - target|, of equal shapes. @throws ShapeError. */
export function l1Loss(prediction: Tensor, target: Tensor, { reduction = "mean" }: LossOptions = {}): Tensor {
  checkSameShape("l1Loss", prediction.shape, target.shape);
  return reduce(abs(sub(prediction, target)), reduction);
}

export interface HuberOptions extends LossOptions {
  /** Where the square becomes a line. Default 1. */
  readonly delta?: number;
}

/** d^2 / 2 where |d| < delta, else delta (|d| - delta / 2), for d = prediction - target (Huber 1964). @throws ShapeError, AttributeError. */
export function huberLoss(
  prediction: Tensor,
  target: Tensor,
  { delta = 1, reduction = "mean" }: HuberOptions = {},
): Tensor {
  checkSameShape("huberLoss", prediction.shape, target.shape);
  if (!(delta > 0)) throw new AttributeError("huberLoss", `delta is ${delta}`, "use a number above 0");
  const difference = sub(prediction, target);
  const distance = abs(difference);
  const losses = where(less(distance, delta), mul(square(difference), 0.5), mul(sub(distance, delta / 2), delta));
  return reduce(losses, reduction);
}

export interface SmoothL1Options extends LossOptions {
  /** Where the square becomes a line; 0 is {@link l1Loss}. Default 1. */
  readonly beta?: number;
}

/** d^2 / (2 beta) where |d| < beta, else |d| - beta / 2 (Girshick 2015): Huber's loss divided by beta. @throws ShapeError, AttributeError. */
export function smoothL1Loss(
  prediction: Tensor,
  target: Tensor,
  { beta = 1, reduction = "mean" }: SmoothL1Options = {},
): Tensor {
  if (!(beta >= 0)) throw new AttributeError("smoothL1Loss", `beta is ${beta}`, "use a number >= 0");
  if (beta === 0) return l1Loss(prediction, target, { reduction });
  return mul(huberLoss(prediction, target, { delta: beta, reduction }), 1 / beta);
}
