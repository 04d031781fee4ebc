// Sums, means, extremes, variances, norms, softmax.
import {
  type Tensor,
  abs,
  add,
  argMax,
  argMin,
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
  max,
  mean,
  min,
  mul,
  pow,
  prod,
  reshape,
  softmax,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  where,
} from "@stria/core";
import type { Arguments } from "../arguments.ts";
import { fromZero, range } from "./axes.ts";
import type { Answer, Call, CallTable, ExpressionTable } from "./call.ts";

type Axes = number | readonly number[] | undefined;
type Reduction = (x: Tensor, axes: Axes, options: { keepDims: boolean }) => Tensor;

/** Axes to reduce over; none given means all. */
function axesOf(given: Arguments): Axes {
  const axes = given.axes("dim");
  return typeof axes === "object" && axes.length === 0 ? undefined : axes;
}

function listed(axes: Axes, rank: number): number[] {
  if (axes === undefined) return range(rank);
  return (typeof axes === "number" ? [axes] : axes).map((axis) => fromZero(axis, rank));
}

function countOf(x: Tensor, axes: Axes): number {
  return listed(axes, x.rank).reduce((product, axis) => product * at(x.shape, axis), 1);
}

function reduction(f: Reduction): Call {
  return (given) => f(given.float(), axesOf(given), { keepDims: given.flag("keepdim", false) });
}

function variance(x: Tensor, axes: Axes, correction: number, keepDims = false): Tensor {
  const deviation = sub(x, mean(x, axes, { keepDims: true }));
  return mul(sum(square(deviation), axes, { keepDims }), 1 / Math.max(0, countOf(x, axes) - correction));
}

/** PyTorch's correction, 1 where nothing is said. */
function correctionOf(given: Arguments): number {
  return given.number("correction", given.flag("unbiased", true) ? 1 : 0);
}

/** log sum exp, shifted by the maximum where that is finite. */
const logSumExp: Reduction = (x, axes, { keepDims }) => {
  if (x.size === 0) return log(sum(exp(x), axes, { keepDims }));
  const largest = stopGradient(max(x, axes, { keepDims: true }));
  const shift = where(less(abs(largest), Infinity), largest, 0);
  const total = sum(exp(sub(x, shift)), axes, { keepDims: true });
  const result = add(log(total), shift);
  return keepDims ? result : reshape(result, sum(x, axes).shape);
};

/** Square root of the sum of squares; its gradient at zero is zero. */
function euclidean(x: Tensor, axes: Axes, keepDims: boolean): Tensor {
  const total = sum(square(x), axes, { keepDims });
  const zero = equal(total, 0);
  return where(zero, 0, sqrt(where(zero, 1, total)));
}

export function vectorNorm(x: Tensor, order: number, axes: Axes, keepDims = false): Tensor {
  if (order === 2) return euclidean(x, axes, keepDims);
  const size = abs(x);
  if (order === Infinity) return max(size, axes, { keepDims });
  if (order === -Infinity) return min(size, axes, { keepDims });
  if (order === 1) return sum(size, axes, { keepDims });
  return pow(sum(pow(size, order), axes, { keepDims }), 1 / order);
}

/** torch.max and torch.min with a dim: the first of equals takes the gradient. Without: equals share it. */
function extreme(whole: typeof max, place: typeof argMax): Call {
  return (given): Answer => {
    const x = given.tensor();
    const dim = given.axes("dim");
    const keepDims = given.flag("keepdim", false);
    if (dim === undefined) return whole(x);
    if (typeof dim !== "number") return given.unsupported("over several axes");
    const axis = fromZero(dim, x.rank);
    const indices = place(x, axis, { keepDims: true });
    const chosen = equal(iota(x.shape, axis), indices);
    const values = sum(where(chosen, x, 0), axis, { keepDims });
    return { values, indices: reshape(indices, values.shape), output: values };
  };
}

function quantifier(every: boolean): Call {
  return (given) => {
    const holds = cast(given.tensor(), "bool");
    const counted = cast(every ? logicalNot(holds) : holds, "int32");
    const count = sum(counted, axesOf(given), { keepDims: given.flag("keepdim", false) });
    return every ? equal(count, 0) : less(0, count);
  };
}

export const reduceCalls: CallTable = {
  "torch.sum": reduction(sum),
  "torch.mean": reduction(mean),
  "torch.amax": reduction(max),
  "torch.amin": reduction(min),
  "torch.prod": reduction(prod),
  "torch.logsumexp": reduction(logSumExp),
  "torch.max": extreme(max, argMax),
  "torch.min": extreme(min, argMin),
  "torch.var": (given) => variance(given.tensor(), axesOf(given), correctionOf(given), given.flag("keepdim", false)),
  "torch.std": (given) =>
    sqrt(variance(given.tensor(), axesOf(given), correctionOf(given), given.flag("keepdim", false))),
  "torch.var_mean": (given) => {
    const [x, axes, keepDims] = [given.tensor(), axesOf(given), given.flag("keepdim", false)];
    return { var: variance(x, axes, correctionOf(given), keepDims), mean: mean(x, axes, { keepDims }) };
  },
  "torch.linalg.vector_norm": (given) =>
    vectorNorm(given.tensor("x"), given.number("ord", 2), axesOf(given), given.flag("keepdim", false)),
  "torch.any": quantifier(false),
  "torch.all": quantifier(true),
  "torch.nn.functional.softmax": (given) => softmax(given.tensor(), given.number("dim")),
  "torch.nn.functional.softmin": (given) => softmax(given.tensor().neg(), given.number("dim")),
  "torch.nn.functional.log_softmax": (given) => logSoftmax(given.tensor(), given.number("dim")),
};

export const reduceExpressions: ExpressionTable = {
  standardise: [
    {
      expression:
        "(input - input.mean((2, 3), keepdim=True)) * (input.var((2, 3), correction=0, keepdim=True) + eps).rsqrt()",
      answer(given) {
        const x = given.tensor();
        const spread = variance(x, [2, 3], 0, true);
        return div(sub(x, mean(x, [2, 3], { keepDims: true })), sqrt(add(spread, given.number("eps"))));
      },
    },
  ],
};
