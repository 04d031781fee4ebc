// Losses of dense predictions: focal, dice, and total variation of pictures.
import { ShapeError, type Tensor, abs, add, at, div, mean, mul, pow, showShape, sigmoid, sub, sum } from "@stria/core";
import { logSigmoid } from "../activations/smooth.ts";
import { spatialAxes, take } from "../axes.ts";
import { type LossOptions, checkSameShape, reduce } from "./reduction.ts";

export interface FocalOptions extends LossOptions {
  /** Weight of the positive class, 1 - alpha of the negative; below 0: no weights. Default 0.25. */
  readonly alpha?: number;
  /** How much what is already right counts less. Default 2. */
  readonly gamma?: number;
}

/**
 * -alpha_t (1 - p_t)^gamma log p_t for logits and targets of 0 and 1, p_t being the probability of the target (Lin et al. 2017). As torchvision's
 * `sigmoid_focal_loss`, but for the reduction, which is "mean". @throws ShapeError.
 */
export function sigmoidFocalLoss(
  logits: Tensor,
  target: Tensor,
  { alpha = 0.25, gamma = 2, reduction = "mean" }: FocalOptions = {},
): Tensor {
  checkSameShape("sigmoidFocalLoss", logits.shape, target.shape);
  const other = sub(1, target);
  const p = sigmoid(logits);
  const ofTarget = add(mul(p, target), mul(sub(1, p), other));
  const entropy = sub(mul(other, logits), logSigmoid(logits));
  const losses = mul(entropy, pow(sub(1, ofTarget), gamma));
  return reduce(alpha < 0 ? losses : mul(losses, add(mul(target, alpha), mul(other, 1 - alpha))), reduction);
}

export interface DiceOptions extends LossOptions {
  /** Added above and below, so that empty regions have a value. Default 1. */
  readonly smooth?: number;
}

/**
 * 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth), over the places of each class of each example: probabilities p (from `sigmoid` or
 * `softmax(x, 1)`) and targets t [N, classes, ...] (Milletari, Navab & Ahmadi 2016). @throws ShapeError.
 */
export function diceLoss(
  probabilities: Tensor,
  target: Tensor,
  { smooth = 1, reduction = "mean" }: DiceOptions = {},
): Tensor {
  checkSameShape("diceLoss", probabilities.shape, target.shape);
  if (probabilities.rank < 3)
    throw new ShapeError("diceLoss", `the prediction is ${showShape(probabilities.shape)}`, "give [N, classes, ...]");
  const places = spatialAxes(probabilities.rank);
  const both = sum(mul(probabilities, target), places);
  const sizes = add(sum(probabilities, places), sum(target, places));
  return reduce(sub(1, div(add(mul(both, 2), smooth), add(sizes, smooth))), reduction);
}

/** Mean absolute difference of neighbours along an axis. */
function roughness(x: Tensor, axis: number): Tensor {
  const count = at(x.shape, axis) - 1;
  return mean(abs(sub(take(x, axis, 1, count), take(x, axis, 0, count))));
}

/** Mean absolute difference of vertical neighbours, plus that of horizontal ones, of x [..., H, W] (Rudin, Osher & Fatemi 1992). @throws ShapeError. */
export function totalVariation(x: Tensor): Tensor {
  if (x.rank < 2 || at(x.shape, x.rank - 1) < 2 || at(x.shape, x.rank - 2) < 2)
    throw new ShapeError(
      "totalVariation",
      `the input is ${showShape(x.shape)}`,
      "give [..., H, W] of 2 pixels or more",
    );
  return add(roughness(x, x.rank - 2), roughness(x, x.rank - 1));
}
