// Connectionist temporal classification (Graves et al. 2006): labels of a sequence whose places in time nobody has marked.
import {
  AttributeError,
  ShapeError,
  type Tensor,
  add,
  at,
  cast,
  div,
  equal,
  exp,
  iota,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalOr,
  matmul,
  max,
  maximum,
  mean,
  neg,
  notEqual,
  pad,
  reshape,
  showShape,
  slice,
  stopGradient,
  sub,
  sum,
  transpose,
  where,
  zeros,
} from "@stria/core";
import { stepsOf } from "../axes.ts";
import { type Lengths, checkLengths, labelRows, withBlanks } from "./ctc-labels.ts";
import { type LossOptions, reduce } from "./reduction.ts";

export interface CtcOptions extends LossOptions {
  /** The class that stands for no label. Default 0. */
  readonly blank?: number;
  /** Whether an example whose target is too long for its input counts as 0, with no gradient, instead of as infinity. Default false. */
  readonly zeroInfinity?: boolean;
}

/** The logarithm of what is impossible: finite, so that no gradient is NaN, and so low that it is lost in any sum. */
const impossible = -1e30;

/** log(exp(a) + exp(b) + ...), which neither overflows nor has a NaN in its gradient for finite terms. */
function logSum(terms: readonly [Tensor, ...Tensor[]]): Tensor {
  const largest = stopGradient(terms.reduce((a, b) => maximum(a, b)));
  return add(log(terms.map((term): Tensor => exp(sub(term, largest))).reduce((a, b) => add(a, b))), largest);
}

/**
 * The logarithms of the probabilities of all alignments, [N]. `emissions` [T, N, S'] has at each step the log probability of every entry of the labels with
 * blanks, [N, S']; an alignment stays at an entry, goes to the next, or skips a blank between two labels that differ.
 */
function logLikelihood(emissions: Tensor, labels: Tensor, blank: number, inputs: Tensor, targets: Tensor): Tensor {
  const [batch, width] = [at(labels.shape, 0), at(labels.shape, 1)];
  const twoBefore = slice(pad(labels, [[0, 0], [2, 0]], blank), [0, 0], [batch, width]); // prettier-ignore
  const maySkip = logicalAnd(notEqual(labels, blank), notEqual(labels, twoBefore));
  const place = iota([batch, width], 1);
  // Before the first step: at the first blank, from where that blank and the first label can be reached.
  let alpha = where(equal(place, 0), zeros([batch, width]), impossible);
  for (const [step, emission] of stepsOf(emissions).entries()) {
    const shifted = pad(alpha, [[0, 0], [2, 0]], impossible); // prettier-ignore
    const next = slice(shifted, [0, 1], [batch, width]);
    const skipped = where(maySkip, slice(shifted, [0, 0], [batch, width]), impossible);
    const moved = add(logSum([alpha, next, skipped]), emission);
    alpha = where(less(step, reshape(inputs, [batch, 1])), moved, alpha);
  }
  // It ends at the last label or at the blank after it.
  const last = reshape(add(targets, targets), [batch, 1]);
  const ends = logicalOr(equal(place, last), equal(place, sub(last, 1)));
  const final = where(ends, alpha, impossible);
  const largest = stopGradient(max(final, 1, { keepDims: true }));
  return add(log(sum(exp(sub(final, largest)), 1)), reshape(largest, [batch]));
}

/** Whether lengths and labels are such that there is a loss: what is not on the host cannot be refused, and gives NaN. */
function allInRange(labels: Tensor, classes: number, inputs: Tensor, steps: number, targets: Tensor): Tensor {
  const batch = inputs.size;
  const counted = less(iota(labels.shape, 1), reshape(targets, [batch, 1]));
  const wrong = logicalAnd(counted, logicalOr(less(labels, 0), lessEqual(classes, labels)));
  const lengths = logicalAnd(logicalAnd(lessEqual(0, inputs), lessEqual(inputs, steps)), lessEqual(0, targets));
  return logicalAnd(lengths, equal(sum(cast(wrong, "int32"), 1), 0));
}

/**
 * -log of the probability of the targets: the sum over all alignments, in which labels may be repeated and blanks stand between them (Graves et al. 2006).
 *
 * `logProbabilities` [T, N, classes] (or [T, classes]) from `logSoftmax`; `targets` whole numbers [N, longest target] without blanks, or the labels of all
 * examples one after the other; `inputLengths` and `targetLengths` [N]. As in PyTorch, "mean" divides each loss by the length of its target, and then by N; a target that no alignment
 * fits costs infinity, or nothing with `zeroInfinity`, and has no gradient in either case.
 * The graph grows with T: some 40 nodes a step, with the gradient.
 * @throws ShapeError; for lengths and labels out of range that are on the host AttributeError, for others the loss is NaN.
 */
export function ctcLoss(
  logProbabilities: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CtcOptions = {},
): Tensor {
  const { blank = 0, zeroInfinity = false, reduction = "mean" } = options;
  const { rank, shape } = logProbabilities;
  if (rank === 2) {
    const one = reshape(logProbabilities, [at(shape, 0), 1, at(shape, 1)]);
    const loss = ctcLoss(one, targets, inputLengths, targetLengths, options);
    return reduction === "none" ? reshape(loss, []) : loss;
  }
  if (rank !== 3)
    throw new ShapeError("ctcLoss", `the log probabilities are ${showShape(shape)}`, "give [T, N, classes]");
  const [steps, batch, classes] = [at(shape, 0), at(shape, 1), at(shape, 2)];
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    throw new AttributeError("ctcLoss", `blank ${blank} is not one of ${classes} classes`, "name one of them");
  const inputs = checkLengths("inputLengths", inputLengths, batch, steps);
  const { labels, lengths } = labelRows(targets, targetLengths, { batch, classes, blank, steps });

  const spaced = withBlanks(labels, blank);
  const width = at(spaced.shape, 1);
  const finite = where(less(logProbabilities, impossible), impossible, logProbabilities);
  const chosen = equal(iota([batch, classes, width], 1), reshape(spaced, [batch, 1, width]));
  const emissions = matmul(transpose(finite, [1, 0, 2]), cast(chosen, "float32")); // a label that is no class has 0 everywhere
  const likelihood = logLikelihood(transpose(emissions, [1, 0, 2]), spaced, blank, inputs, lengths);
  const unfit = less(likelihood, impossible / 2);
  const costs = where(unfit, zeroInfinity ? 0 : Infinity, neg(likelihood));
  const losses = where(allInRange(labels, classes, inputs, steps, lengths), costs, Number.NaN);
  if (reduction !== "mean") return reduce(losses, reduction);
  return mean(div(losses, cast(maximum(lengths, 1), "float32")));
}
