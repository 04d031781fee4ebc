// Cross-entropies: of class labels, of class probabilities, of pairs.
import { type Tensor, add, at, div, exp, less, log, mean, mul, neg, pow, sigmoid, sub, sum, where } from "@stria/core";
import {
  type Reduction,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  logSigmoid,
  nllLoss,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";

import type { CallTable } from "./call.ts";

/** The reductions that a PyTorch loss may ask for, "batchmean" included. */
export function reduced(given: Arguments, losses: Tensor): Tensor {
  const how = given.text("reduction", "mean");
  if (how === "none") return losses;
  if (how === "sum") return sum(losses);
  if (how === "batchmean") return div(sum(losses), at(losses.shape, 0));
  return how === "mean" ? mean(losses) : given.unsupported(`with reduction "${how}"`);
}

export function reductionOf(given: Arguments): Reduction {
  const how = given.text("reduction", "mean");
  return how === "mean" || how === "sum" || how === "none" ? how : given.unsupported(`with reduction "${how}"`);
}

function weightOf(given: Arguments, name = "weight"): { weight?: Tensor } {
  const weight = given.maybe(name);
  return weight ? { weight } : {};
}

export const crossEntropyCalls: CallTable = {
  "torch.nn.functional.cross_entropy": (given) => {
    const target = given.tensor("target");
    const ignoreIndex = given.number("ignore_index", -100);
    return crossEntropy(given.tensor(), target, {
      ...weightOf(given),
      ...(target.dtype !== "float32" && { ignoreIndex }),
      labelSmoothing: given.number("label_smoothing", 0),
      reduction: reductionOf(given),
    });
  },
  "torch.nn.functional.nll_loss": (given) =>
    nllLoss(given.tensor(), given.tensor("target"), {
      ...weightOf(given),
      ignoreIndex: given.number("ignore_index", -100),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.binary_cross_entropy": (given) =>
    binaryCrossEntropy(given.tensor(), given.tensor("target"), { ...weightOf(given), reduction: reductionOf(given) }),
  "torch.nn.functional.binary_cross_entropy_with_logits": (given) => {
    const positiveWeight = given.maybe("pos_weight");
    return binaryCrossEntropyWithLogits(given.tensor(), given.tensor("target"), {
      ...weightOf(given),
      ...(positiveWeight && { positiveWeight }),
      reduction: reductionOf(given),
    });
  },
  "torch.nn.functional.kl_div": (given) => {
    const [x, t] = [given.tensor(), given.tensor("target")];
    if (given.flag("log_target", false)) return reduced(given, mul(exp(t), sub(t, x)));
    const positive = less(0, t);
    return reduced(given, sub(mul(t, log(where(positive, t, 1))), mul(t, x)));
  },
  "torchvision.ops.sigmoid_focal_loss": (given) => {
    const [x, t] = [given.tensor("inputs"), given.tensor("targets")];
    const [alpha, gamma] = [given.number("alpha", 0.25), given.number("gamma", 2)];
    const p = sigmoid(x);
    const ofTarget = add(mul(p, t), mul(sub(1, p), sub(1, t)));
    const entropy = sub(mul(sub(1, t), x), logSigmoid(x));
    const losses = mul(entropy, pow(sub(1, ofTarget), gamma));
    given.text("reduction", "none");
    const weighted = alpha < 0 ? losses : mul(losses, add(mul(t, alpha), mul(sub(1, t), 1 - alpha)));
    return given.has("reduction") ? reduced(given, weighted) : weighted;
  },
  "torch.nn.functional.multilabel_soft_margin_loss": (given) => {
    const [x, t, weight] = [given.tensor(), given.tensor("target"), given.maybe("weight")];
    const terms = neg(add(mul(t, logSigmoid(x)), mul(sub(1, t), logSigmoid(neg(x)))));
    return reduced(given, mean(weight ? mul(terms, weight) : terms, -1));
  },
};
