// Cross-entropies: of class labels, of class probabilities, of pairs.
import type { Tensor } from "@stria/core";
import {
  type Reduction,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  klDivergence,
  multilabelSoftMarginLoss,
  nllLoss,
  sigmoidFocalLoss,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";

import type { CallTable } from "./call.ts";

export function reductionOf(given: Arguments, fallback: Reduction = "mean"): Reduction {
  const how = given.text("reduction", fallback);
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
  "torch.nn.functional.kl_div": (given) =>
    klDivergence(given.tensor(), given.tensor("target"), {
      logTarget: given.flag("log_target", false),
      reduction: given.text("reduction", "mean") === "batchmean" ? "batchMean" : reductionOf(given),
    }),
  "torchvision.ops.sigmoid_focal_loss": (given) =>
    sigmoidFocalLoss(given.tensor("inputs"), given.tensor("targets"), {
      alpha: given.number("alpha", 0.25),
      gamma: given.number("gamma", 2),
      reduction: reductionOf(given, "none"),
    }),
  "torch.nn.functional.multilabel_soft_margin_loss": (given) =>
    multilabelSoftMarginLoss(given.tensor(), given.tensor("target"), {
      ...weightOf(given),
      reduction: reductionOf(given),
    }),
};
