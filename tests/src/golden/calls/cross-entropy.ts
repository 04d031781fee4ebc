// Cross-entropies: of class labels, of class probabilities, of pairs.
import {
  type Tensor,
  add,
  at,
  cast,
  div,
  equal,
  exp,
  iota,
  less,
  log,
  logSoftmax,
  logicalNot,
  mean,
  mul,
  neg,
  pow,
  reshape,
  sigmoid,
  softmaxCrossEntropy,
  sub,
  sum,
  where,
} from "@stria/core";
import type { Arguments } from "../arguments.ts";
import { logSigmoid } from "./activation.ts";
import { alongChannels, unsqueeze } from "./axes.ts";
import type { CallTable } from "./call.ts";
import { clamp } from "./elementwise.ts";

/** PyTorch's reductions of a loss. */
export function reduced(given: Arguments, losses: Tensor): Tensor {
  const how = given.text("reduction", "mean");
  if (how === "none") return losses;
  if (how === "sum") return sum(losses);
  if (how === "batchmean") return div(sum(losses), at(losses.shape, 0));
  return how === "mean" ? mean(losses) : given.unsupported(`with reduction "${how}"`);
}

interface Labels {
  readonly safe: Tensor;
  readonly counts: Tensor;
  readonly chosen: Tensor;
}

/** Labels without the ignored ones, which count 0 where others count 1. */
function labelsOf(given: Arguments, classes: Tensor): Labels {
  const labels = given.tensor("target");
  const ignored = equal(labels, given.number("ignore_index", -100));
  const safe = where(ignored, 0, labels);
  return { safe, counts: cast(logicalNot(ignored), "float32"), chosen: equal(iota(classes.shape, 1), unsqueeze(safe, 1)) };
}

/** Losses of ignored labels are 0; the mean is divided by the weights of the others. */
function weightedReduction(given: Arguments, losses: Tensor, weights: Tensor): Tensor {
  const how = given.text("reduction", "mean");
  if (how === "none") return losses;
  if (how === "sum") return sum(losses);
  return how === "mean" ? div(sum(losses), sum(weights)) : given.unsupported(`with reduction "${how}"`);
}

function picked(logProbabilities: Tensor, chosen: Tensor): Tensor {
  return neg(sum(where(chosen, logProbabilities, 0), 1));
}

/** The weight of each place's label, 0 where it is ignored. */
function weightsOf({ counts, chosen }: Labels, weight: Tensor | undefined): Tensor {
  return weight ? mul(sum(where(chosen, alongChannels(weight, chosen.rank), 0), 1), counts) : counts;
}

function byLabels(given: Arguments, logits: Tensor): Tensor {
  const labels = labelsOf(given, logits);
  const weight = given.maybe("weight");
  const smoothing = given.number("label_smoothing", 0);
  const weights = weightsOf(labels, weight);
  const hard = mul(softmaxCrossEntropy(logits, labels.safe), weights);
  if (smoothing === 0) return weightedReduction(given, hard, weights);
  const logProbabilities = logSoftmax(logits, 1);
  const all = sum(weight ? mul(logProbabilities, alongChannels(weight, logits.rank)) : logProbabilities, 1);
  const soft = mul(neg(all), labels.counts);
  return weightedReduction(given, add(mul(hard, 1 - smoothing), mul(soft, smoothing / at(logits.shape, 1))), weights);
}

function byProbabilities(given: Arguments, logits: Tensor, probabilities: Tensor): Tensor {
  const [weight, smoothing] = [given.maybe("weight"), given.number("label_smoothing", 0)];
  const classes = at(logits.shape, 1);
  given.json("ignore_index");
  const target = smoothing === 0 ? probabilities : add(mul(probabilities, 1 - smoothing), smoothing / classes);
  const terms = mul(logSoftmax(logits, 1), target);
  return reduced(given, neg(sum(weight ? mul(terms, alongChannels(weight, logits.rank)) : terms, 1)));
}

function crossEntropy(given: Arguments): Tensor {
  const [logits, target] = [given.tensor(), given.tensor("target")];
  if (target.dtype === "float32") return byProbabilities(given, logits, target);
  return byLabels(given, logits);
}

function binaryLosses(given: Arguments, losses: Tensor): Tensor {
  const weight = given.maybe("weight");
  return reduced(given, weight ? mul(losses, weight) : losses);
}

export const crossEntropyCalls: CallTable = {
  "torch.nn.functional.cross_entropy": (given) => {
    if (given.tensor().rank > 1) return crossEntropy(given);
    // One example without a batch axis: its loss is the mean and the sum.
    const [logits, label] = [given.tensor(), given.tensor("target")];
    if (label.rank !== 0 || given.maybe("weight") || given.number("label_smoothing", 0) !== 0) return given.unsupported("of one example with options");
    given.text("reduction", "mean");
    return reshape(softmaxCrossEntropy(unsqueeze(logits, 0), reshape(label, [1])), []);
  },
  "torch.nn.functional.nll_loss": (given) => {
    const logProbabilities = given.tensor();
    const labels = labelsOf(given, logProbabilities);
    const weights = weightsOf(labels, given.maybe("weight"));
    return weightedReduction(given, mul(picked(logProbabilities, labels.chosen), weights), weights);
  },
  "torch.nn.functional.binary_cross_entropy": (given) => {
    const [p, t] = [given.tensor(), given.tensor("target")];
    const bounded = (x: Tensor): Tensor => clamp(log(x), -100, undefined);
    return binaryLosses(given, neg(add(mul(t, bounded(p)), mul(sub(1, t), bounded(sub(1, p))))));
  },
  "torch.nn.functional.binary_cross_entropy_with_logits": (given) => {
    const [x, t, positive] = [given.tensor(), given.tensor("target"), given.maybe("pos_weight")];
    const factor = positive ? add(mul(sub(positive, 1), t), 1) : undefined;
    const certain = neg(logSigmoid(x));
    return binaryLosses(given, add(mul(sub(1, t), x), factor ? mul(certain, factor) : certain));
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
