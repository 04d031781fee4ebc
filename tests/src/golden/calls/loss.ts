// Losses of regression, ranking and distance.
import {
  type Tensor,
  abs,
  add,
  at,
  div,
  equal,
  exp,
  greater,
  iota,
  log,
  matmul,
  maximum,
  mean,
  mul,
  neg,
  pow,
  sigmoid,
  softmax,
  softmaxCrossEntropy,
  sqrt,
  square,
  sub,
  sum,
  where,
} from "@stria/core";
import { huberLoss, l1Loss, mseLoss, smoothL1Loss, softplus } from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import { take, unsqueeze } from "./axes.ts";
import type { Call, CallTable, ExpressionTable } from "./call.ts";
import { crossEntropyCalls, reduced, reductionOf } from "./cross-entropy.ts";
import { clamp } from "./elementwise.ts";
import { vectorNorm } from "./reduce.ts";

/** A loss that compares input and target, element by element. */
function elementwise(f: (x: Tensor, target: Tensor, given: Arguments) => Tensor): Call {
  return (given) => reduced(given, f(given.tensor(), given.tensor("target"), given));
}

function aboveZero(x: Tensor): Tensor {
  return clamp(x, 0, undefined);
}

function distance(a: Tensor, b: Tensor, given: Arguments): Tensor {
  return vectorNorm(add(sub(a, b), given.number("eps", 1e-6)), given.number("p", 2), -1, given.flag("keepdim", false));
}

/** Cosine of the angle, each length at least epsilon. */
function cosine(a: Tensor, b: Tensor, axis: number, epsilon: number): Tensor {
  const lengths = mul(maximum(vectorNorm(a, 2, axis), epsilon), maximum(vectorNorm(b, 2, axis), epsilon));
  return div(sum(mul(a, b), axis), lengths);
}

function multiMargin(given: Arguments): Tensor {
  const [x, labels, weight] = [given.tensor(), given.tensor("target"), given.maybe("weight")];
  const chosen = equal(iota(x.shape, 1), unsqueeze(labels, 1));
  const right = sum(where(chosen, x, 0), 1, { keepDims: true });
  const over = where(chosen, 0, aboveZero(add(sub(x, right), given.number("margin", 1))));
  const terms = pow(over, given.number("p", 1));
  return reduced(
    given,
    div(sum(weight ? mul(terms, sum(where(chosen, weight, 0), 1, { keepDims: true })) : terms, 1), at(x.shape, 1)),
  );
}

export const lossCalls: CallTable = {
  ...crossEntropyCalls,
  "torch.nn.functional.mse_loss": (given) =>
    mseLoss(given.tensor(), given.tensor("target"), { reduction: reductionOf(given) }),
  "torch.nn.functional.l1_loss": (given) =>
    l1Loss(given.tensor(), given.tensor("target"), { reduction: reductionOf(given) }),
  "torch.nn.functional.smooth_l1_loss": (given) =>
    smoothL1Loss(given.tensor(), given.tensor("target"), {
      beta: given.number("beta", 1),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.huber_loss": (given) =>
    huberLoss(given.tensor(), given.tensor("target"), {
      delta: given.number("delta", 1),
      reduction: reductionOf(given),
    }),
  "torch.nn.functional.soft_margin_loss": elementwise((x, t) => softplus(neg(mul(t, x)))),
  "torch.nn.functional.hinge_embedding_loss": elementwise((x, t, given) =>
    where(equal(t, 1), x, aboveZero(sub(given.number("margin", 1), x))),
  ),
  "torch.nn.functional.margin_ranking_loss": (given) => {
    const difference = sub(given.tensor("input1"), given.tensor("input2"));
    return reduced(given, aboveZero(sub(given.number("margin", 0), mul(given.tensor("target"), difference))));
  },
  "torch.nn.functional.multi_margin_loss": multiMargin,
  "torch.nn.functional.cosine_similarity": (given) =>
    cosine(given.tensor("x1"), given.tensor("x2"), given.number("dim", 1), given.number("eps", 1e-8)),
  "torch.nn.functional.pairwise_distance": (given) => distance(given.tensor("x1"), given.tensor("x2"), given),
  "torch.nn.functional.cosine_embedding_loss": (given) => {
    const similarity = cosine(given.tensor("input1"), given.tensor("input2"), -1, 1e-12);
    const apart = aboveZero(sub(similarity, given.number("margin", 0)));
    return reduced(given, where(equal(given.tensor("target"), 1), sub(1, similarity), apart));
  },
  "torch.nn.functional.triplet_margin_loss": (given) => {
    const [anchor, positive, negative] = [given.tensor("anchor"), given.tensor("positive"), given.tensor("negative")];
    const near = distance(anchor, positive, given);
    const far = distance(anchor, negative, given);
    const farther = given.flag("swap", false) ? far.minimum(distance(positive, negative, given)) : far;
    return reduced(given, aboveZero(add(sub(near, farther), given.number("margin", 1))));
  },
  "torch.nn.functional.gaussian_nll_loss": elementwise((x, t, given) => {
    const variance = clamp(given.tensor("var"), given.number("eps", 1e-6), undefined);
    const loss = mul(add(log(variance), div(square(sub(x, t)), variance)), 0.5);
    return given.flag("full", false) ? add(loss, 0.5 * Math.log(2 * Math.PI)) : loss;
  }),
  "torch.nn.functional.poisson_nll_loss": elementwise((x, t, given) => {
    const epsilon = given.number("eps", 1e-8);
    const loss = given.flag("log_input", true) ? sub(exp(x), mul(t, x)) : sub(x, mul(t, log(add(x, epsilon))));
    if (!given.flag("full", false)) return loss;
    const large = greater(t, 1);
    const safe = where(large, t, 1);
    const stirling = add(sub(mul(t, log(safe)), t), mul(log(mul(safe, 2 * Math.PI)), 0.5));
    return add(loss, where(large, stirling, 0));
  }),
};

function dice(probabilities: Tensor, target: Tensor, smooth: number): Tensor {
  const both = sum(mul(probabilities, target), [2, 3]);
  const sizes = add(sum(probabilities, [2, 3]), sum(target, [2, 3]));
  return sub(1, mean(div(add(mul(both, 2), smooth), add(sizes, smooth))));
}

function hinge(given: Arguments): Tensor {
  return aboveZero(sub(given.number("margin"), mul(given.tensor("target"), given.tensor())));
}

function unit(x: Tensor): Tensor {
  return div(x, maximum(sqrt(sum(square(x), 1, { keepDims: true })), 1e-12));
}

/** Mean absolute difference of neighbours along an axis. */
function roughness(x: Tensor, axis: number): Tensor {
  const count = at(x.shape, axis) - 1;
  return mean(abs(sub(take(x, axis, 1, count), take(x, axis, 0, count))));
}

export const lossExpressions: ExpressionTable = {
  hinge: [{ expression: "(margin - target * input).clamp(min=0).mean()", answer: (given) => mean(hinge(given)) }],
  squared_hinge: [
    {
      expression: "(margin - target * input).clamp(min=0).square().mean()",
      answer: (given) => mean(square(hinge(given))),
    },
  ],
  dice_loss: [
    {
      expression:
        "1 - ((2 * (input.sigmoid() * target).sum((2, 3)) + smooth) / (input.sigmoid().sum((2, 3)) + target.sum((2, 3)) + smooth)).mean()",
      answer: (given) => dice(sigmoid(given.tensor()), given.tensor("target"), given.number("smooth")),
    },
  ],
  dice_loss_softmax: [
    {
      expression:
        "1 - ((2 * (input.softmax(1) * target).sum((2, 3)) + smooth) / (input.softmax(1).sum((2, 3)) + target.sum((2, 3)) + smooth)).mean()",
      answer: (given) => dice(softmax(given.tensor(), 1), given.tensor("target"), given.number("smooth")),
    },
  ],
  softmax_mse: [
    {
      expression: "F.mse_loss(input.softmax(1), target)",
      answer: (given) => mean(square(sub(softmax(given.tensor(), 1), given.tensor("target")))),
    },
  ],
  info_nce: [
    {
      expression:
        "F.cross_entropy(F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature, torch.arange(len(a)))",
      answer(given) {
        const [a, b] = [given.tensor("a"), given.tensor("b")];
        const similarities = div(matmul(unit(a), unit(b), { transposeB: true }), given.number("temperature"));
        return mean(softmaxCrossEntropy(similarities, iota([at(a.shape, 0)], 0)));
      },
    },
  ],
  total_variation: [
    {
      expression:
        "(input[..., 1:, :] - input[..., :-1, :]).abs().mean() + (input[..., 1:] - input[..., :-1]).abs().mean()",
      answer(given) {
        const x = given.tensor();
        return add(roughness(x, x.rank - 2), roughness(x, x.rank - 1));
      },
    },
  ],
};
