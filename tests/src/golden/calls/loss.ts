// Losses of regression, ranking and distance: the library's own.
import { type Tensor, logSoftmax, sigmoid, softmax } from "@stria/core";
import {
  cosineEmbeddingLoss,
  cosineSimilarity,
  ctcLoss,
  diceLoss,
  gaussianNllLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  huberLoss,
  infoNceLoss,
  l1Loss,
  marginRankingLoss,
  mseLoss,
  multiMarginLoss,
  multilabelMarginLoss,
  pairwiseDistance,
  poissonNllLoss,
  smoothL1Loss,
  softMarginLoss,
  squaredHingeLoss,
  totalVariation,
  tripletMarginLoss,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import type { CallTable, ExpressionTable } from "./call.ts";
import { crossEntropyCalls, reductionOf } from "./cross-entropy.ts";

/** What every loss has. */
function pair(given: Arguments): [Tensor, Tensor] {
  return [given.tensor(), given.tensor("target")];
}

export const lossCalls: CallTable = {
  ...crossEntropyCalls,
  "torch.nn.functional.mse_loss": (given) => mseLoss(...pair(given), { reduction: reductionOf(given) }),
  "torch.nn.functional.l1_loss": (given) => l1Loss(...pair(given), { reduction: reductionOf(given) }),
  "torch.nn.functional.smooth_l1_loss": (given) =>
    smoothL1Loss(...pair(given), { beta: given.number("beta", 1), reduction: reductionOf(given) }),
  "torch.nn.functional.huber_loss": (given) =>
    huberLoss(...pair(given), { delta: given.number("delta", 1), reduction: reductionOf(given) }),
  "torch.nn.functional.soft_margin_loss": (given) => softMarginLoss(...pair(given), { reduction: reductionOf(given) }),
  "torch.nn.functional.hinge_embedding_loss": (given) =>
    hingeEmbeddingLoss(...pair(given), { margin: given.number("margin", 1), reduction: reductionOf(given) }),
  "torch.nn.functional.margin_ranking_loss": (given) =>
    marginRankingLoss(given.tensor("input1"), given.tensor("input2"), given.tensor("target"), {
      margin: given.number("margin", 0),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.multi_margin_loss": (given) => {
    const weight = given.maybe("weight");
    return multiMarginLoss(...pair(given), {
      order: given.number("p", 1),
      margin: given.number("margin", 1),
      ...(weight && { weight }),
      reduction: reductionOf(given),
    });
  },
  "torch.nn.functional.multilabel_margin_loss": (given) =>
    multilabelMarginLoss(...pair(given), { reduction: reductionOf(given) }),
  "torch.nn.functional.cosine_similarity": (given) =>
    cosineSimilarity(given.tensor("x1"), given.tensor("x2"), {
      axis: given.number("dim", 1),
      epsilon: given.number("eps", 1e-8),
    }),
  "torch.nn.functional.pairwise_distance": (given) =>
    pairwiseDistance(given.tensor("x1"), given.tensor("x2"), {
      order: given.number("p", 2),
      epsilon: given.number("eps", 1e-6),
    }),
  "torch.nn.functional.cosine_embedding_loss": (given) =>
    cosineEmbeddingLoss(given.tensor("input1"), given.tensor("input2"), given.tensor("target"), {
      margin: given.number("margin", 0),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.triplet_margin_loss": (given) =>
    tripletMarginLoss(given.tensor("anchor"), given.tensor("positive"), given.tensor("negative"), {
      margin: given.number("margin", 1),
      order: given.number("p", 2),
      epsilon: given.number("eps", 1e-6),
      swap: given.flag("swap", false),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.gaussian_nll_loss": (given) =>
    gaussianNllLoss(...pair(given), given.tensor("var"), {
      full: given.flag("full", false),
      epsilon: given.number("eps", 1e-6),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.poisson_nll_loss": (given) =>
    poissonNllLoss(...pair(given), {
      logInput: given.flag("log_input", true),
      full: given.flag("full", false),
      epsilon: given.number("eps", 1e-8),
      reduction: reductionOf(given),
    }),
};

export const lossExpressions: ExpressionTable = {
  ctc_loss: [
    {
      expression:
        "F.ctc_loss(F.log_softmax(logits, 2), targets, input_lengths, target_lengths, blank, reduction, zero_infinity)",
      answer: (given) =>
        ctcLoss(
          logSoftmax(given.tensor("logits"), 2),
          given.tensor("targets"),
          given.tensor("input_lengths"),
          given.tensor("target_lengths"),
          {
            blank: given.number("blank", 0),
            zeroInfinity: given.flag("zero_infinity", false),
            reduction: reductionOf(given),
          },
        ),
    },
  ],
  hinge: [
    {
      expression: "(margin - target * input).clamp(min=0).mean()",
      answer: (given) => hingeLoss(...pair(given), { margin: given.number("margin") }),
    },
  ],
  squared_hinge: [
    {
      expression: "(margin - target * input).clamp(min=0).square().mean()",
      answer: (given) => squaredHingeLoss(...pair(given), { margin: given.number("margin") }),
    },
  ],
  dice_loss: [
    {
      expression:
        "1 - ((2 * (input.sigmoid() * target).sum((2, 3)) + smooth) / (input.sigmoid().sum((2, 3)) + target.sum((2, 3)) + smooth)).mean()",
      answer: (given) => diceLoss(sigmoid(given.tensor()), given.tensor("target"), { smooth: given.number("smooth") }),
    },
  ],
  dice_loss_softmax: [
    {
      expression:
        "1 - ((2 * (input.softmax(1) * target).sum((2, 3)) + smooth) / (input.softmax(1).sum((2, 3)) + target.sum((2, 3)) + smooth)).mean()",
      answer: (given) =>
        diceLoss(softmax(given.tensor(), 1), given.tensor("target"), { smooth: given.number("smooth") }),
    },
  ],
  softmax_mse: [
    {
      expression: "F.mse_loss(input.softmax(1), target)",
      answer: (given) => mseLoss(softmax(given.tensor(), 1), given.tensor("target")),
    },
  ],
  info_nce: [
    {
      expression:
        "F.cross_entropy(F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature, torch.arange(len(a)))",
      answer: (given) =>
        infoNceLoss(given.tensor("a"), given.tensor("b"), { temperature: given.number("temperature") }),
    },
  ],
  total_variation: [
    {
      expression:
        "(input[..., 1:, :] - input[..., :-1, :]).abs().mean() + (input[..., 1:] - input[..., :-1]).abs().mean()",
      answer: (given) => totalVariation(given.tensor()),
    },
  ],
};
