// One case and more for every op: functions of tensors with inputs at which they are smooth. Gradients are checked on all of them.
import {
  abs,
  add,
  argMax,
  avgPool,
  batchNormEvaluation,
  batchNormTraining,
  broadcastTo,
  cast,
  concat,
  conv,
  convTranspose,
  convWeightGradient,
  cos,
  div,
  equal,
  erf,
  exp,
  expm1,
  flip,
  floor,
  fold,
  iota,
  less,
  lessEqual,
  log,
  log1p,
  logSoftmax,
  logicalAnd,
  logicalNot,
  logicalOr,
  matmul,
  max,
  maxPool,
  maxPoolWithIndices,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  pad,
  pow,
  prod,
  relu,
  reshape,
  round,
  sigmoid,
  softplus,
  sign,
  sin,
  slice,
  softmax,
  softmaxCrossEntropy,
  sqrt,
  stopGradient,
  sub,
  sum,
  tanh,
  type Tensor,
  tensor,
  transpose,
  trueConvolution,
  unfold,
  where,
} from "../../src/index.ts";
import { applyOne } from "../../src/tensor/dispatch.ts";
import { maxPoolGatherOp } from "../../src/ops/maxPoolGradient.ts";
import type { Differentiable } from "../support/differences.ts";
import { distinct, integers, uniform } from "../support/numbers.ts";
import { indexingCases } from "./indexing-cases.ts";

export interface Case {
  readonly name: string;
  readonly f: Differentiable;
  readonly inputs: readonly Tensor[];
}

const cases: Case[] = [];
function of(name: string, f: Differentiable, ...inputs: Tensor[]): void {
  cases.push({ name, f, inputs });
}

const smooth = uniform([2, 3], 1);
const positive = uniform([2, 3], 2, 0.5, 2);
const awayFrom0 = tensor([-1.75, -0.75, 0.25, 1.25, 2.25, -2.75]);
for (const [name, f] of Object.entries({ neg, exp, sin, cos, tanh, erf, sigmoid, softplus, expm1 }))
  of(name, f, smooth);
for (const [name, f] of Object.entries({ log, sqrt, log1p })) of(name, f, positive);
for (const [name, f] of Object.entries({ abs, sign, floor, relu, round })) of(name, f, awayFrom0);
of("square", (x) => x.square(), smooth);

const [left, right] = [uniform([2, 1, 3], 3), uniform([4, 1], 4)];
of("add", add, left, right);
of("sub", sub, left, right);
of("mul", mul, left, right);
of("div", div, left, uniform([4, 1], 5, 0.5, 1.5));
of("pow", pow, uniform([2, 1, 3], 6, 0.5, 1.5), uniform([4, 1], 7, -2, 3));
of("pow of a negative base", (x) => pow(x, 3), smooth);
of("maximum", maximum, distinct([2, 3], 8), tensor([0.125, -0.375, 0.0625]));
of("minimum", minimum, distinct([2, 3], 9), tensor([0.125, -0.375, 0.0625]));
of("numbers on either side", (x) => sub(1, mul(x, 3)).div(2), smooth);
of("where", (a, b) => where(less(a, 0.1), a.mul(b), sub(b, a)), distinct([2, 3], 10), uniform([3], 11));
of(
  "conditions choose and have no gradient",
  (x) => where(logicalOr(logicalAnd(lessEqual(x, 0.6), logicalNot(equal(x, 0.1))), less(x, -0.4)), x.square(), x.neg()),
  distinct([6], 12),
);
of("cast cuts the gradient", (x) => cast(cast(x, "int32"), "float32").add(x), awayFrom0);
of("argMax has no gradient", (x) => cast(argMax(x, 1, { keepDims: true }), "float32").mul(x), distinct([2, 3], 13));
of("iota", (x) => mul(x, iota([2, 3], 1, "float32")), smooth);
of("stopGradient", (x) => mul(x, stopGradient(tensor(2).mul(3))), smooth);

const cube = uniform([2, 3, 4], 14);
of("sum", (x) => sum(x, [0, 2]), cube);
of("sum of all", (x) => sum(x), cube);
of("sum, keepDims", (x) => sum(x, 1, { keepDims: true }).mul(x), cube);
of("mean", (x) => mean(x, -1), cube);
of("prod", (x) => prod(x, [0, 2]), uniform([2, 3, 2], 15, 0.5, 1.5));
of(
  "prod with zeros",
  (x) => prod(x, 1),
  tensor([
    [0, 2, 3],
    [0, 0, 2],
    [1, 2, 3],
  ]),
);
of("max", (x) => max(x, [1]), distinct([2, 5], 16));
of("min of all", (x) => min(x), distinct([2, 5], 17));

of("reshape", (x) => reshape(x, [4, -1]).square(), cube);
of("transpose", (x) => transpose(x, [2, 0, 1]).square(), cube);
of("broadcastTo", (x) => broadcastTo(x, [2, 4, 3]).mul(uniform([2, 4, 3], 18)), uniform([4, 1], 19));
of(
  "pad",
  (x) =>
    pad(
      x,
      [
        [1, 0],
        [0, 2],
      ],
      3,
    ).square(),
  smooth,
);
of("slice", (x) => slice(x, [0, 1, 1], [2, 1, 2], [1, 2, 2]).square(), cube);
of("flip", (x) => flip(x, [0, 2]).mul(cube), cube);
of("concat", (a, b) => concat([a, b, a], 1).square(), smooth, uniform([2, 1], 20));

for (const transposeA of [false, true])
  for (const transposeB of [false, true])
    of(
      `matmul ${transposeA} ${transposeB}`,
      (a, b) => matmul(a, b, { transposeA, transposeB }),
      uniform(transposeA ? [2, 1, 4, 2] : [2, 1, 2, 4], 21),
      uniform(transposeB ? [3, 3, 4] : [3, 4, 3], 22),
    );
of("matmul of a vector", (a, b) => matmul(a, b), uniform([4], 23), uniform([2, 4, 3], 24));
of("matmul by a vector", (a, b) => matmul(a, b), uniform([2, 3, 4], 25), uniform([4], 26));

of(
  "conv 1-D, causal",
  (x, w) => conv(x, w, { padding: "causal", dilation: 2 }),
  uniform([2, 2, 5], 27),
  uniform([2, 2, 2], 28),
);
of(
  "conv 2-D: stride that does not divide, asymmetric padding, dilation, groups",
  (x, w, b) =>
    conv(x, w, {
      stride: [2, 3],
      padding: [
        [0, 2],
        [1, 0],
      ],
      dilation: [1, 2],
      groups: 2,
      bias: b,
    }),
  uniform([2, 4, 5, 6], 29),
  uniform([4, 2, 2, 2], 30),
  uniform([4], 31),
);
of(
  "conv 3-D",
  (x, w) => conv(x, w, { padding: 1, stride: 2 }),
  uniform([1, 1, 3, 3, 3], 32),
  uniform([2, 1, 2, 2, 2], 33),
);
of("true convolution", (x, w) => trueConvolution(x, w), uniform([1, 1, 4, 4], 34), uniform([1, 1, 2, 3], 35));
of(
  "convTranspose of nothing",
  (x, w) => convTranspose(x, w, { stride: 2, outputPadding: 1 }),
  uniform([2, 3, 0], 34),
  uniform([3, 2, 3], 35),
);
of(
  "convTranspose",
  (x, w, b) =>
    convTranspose(x, w, {
      stride: [2, 3],
      padding: [
        [1, 0],
        [0, 1],
      ],
      dilation: [2, 1],
      groups: 2,
      outputPadding: [1, 0],
      bias: b,
    }),
  uniform([1, 4, 2, 3], 36),
  uniform([4, 2, 2, 2], 37),
  uniform([4], 38),
);
of(
  "convWeightGradient",
  (x, dy) => convWeightGradient(x, dy, { stride: [2], dilation: [2], padding: [[1, 2]], groups: 2, kernel: [2] }),
  uniform([2, 4, 7], 39),
  uniform([2, 2, 4], 40),
);
of(
  "maxPool",
  (x) =>
    maxPool(x, [2, 3], {
      stride: [2, 1],
      padding: [
        [1, 0],
        [1, 1],
      ],
    }),
  distinct([1, 2, 5, 4], 41),
);
of("maxPool squared", (x) => maxPool(x, 2, { ceilMode: true }).square(), distinct([1, 1, 5, 5], 42));
of(
  "maxPoolGather",
  (x) => {
    const attrs = {
      kernel: [2, 2],
      stride: [2, 2],
      dilation: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ],
    } as const;
    const winners = maxPoolWithIndices(distinct([1, 1, 4, 4], 44), 2).indices;
    return applyOne(maxPoolGatherOp, [x, winners], attrs).square();
  },
  uniform([1, 1, 4, 4], 45),
);
of(
  "maxPool, dilated",
  (x) => maxPoolWithIndices(x, 2, { dilation: 2, stride: 1 }).values.square(),
  distinct([1, 1, 4, 4], 43),
);
of("avgPool", (x) => avgPool(x, [2, 3], { stride: [2, 1], padding: [1, 1] }), uniform([1, 2, 5, 4], 44));
of(
  "avgPool without padding counted",
  (x) => avgPool(x, 3, { padding: 1, countPadding: false, stride: 2 }).square(),
  uniform([1, 1, 5, 5], 45),
);
of(
  "unfold",
  (x) => unfold(x, { kernel: [2, 2], stride: [1, 2], padding: 1, dilation: [2, 1] }).square(),
  uniform([1, 2, 4, 5], 46),
);
of(
  "fold",
  (x) => fold(x, { outputSize: [4, 5], kernel: [2, 2], stride: [1, 2], padding: 1, dilation: [2, 1] }).square(),
  uniform([1, 8, 12], 47),
);

of("softmax", (x) => softmax(x, 1), uniform([2, 4, 2], 48, -2, 2));
of("logSoftmax", (x) => logSoftmax(x, 0), uniform([4, 2], 49, -2, 2));
of("softmaxCrossEntropy", (x) => softmaxCrossEntropy(x, integers([3], 50, 0, 4)), uniform([3, 4], 51, -2, 2));
of(
  "softmaxCrossEntropy, per place",
  (x) => softmaxCrossEntropy(x, integers([2, 2, 2], 52, 0, 3)),
  uniform([2, 3, 2, 2], 53, -2, 2),
);
of(
  "batchNormTraining",
  (x, w, b) => {
    const { y, mean: mu, variance } = batchNormTraining(x, w, b, 0.1);
    return concat([reshape(y, [-1]), mu, variance.square()], 0);
  },
  uniform([3, 2, 2], 54, -2, 2),
  uniform([2], 55),
  uniform([2], 56),
);
of(
  "batchNormTraining, y alone",
  (x, w, b) => batchNormTraining(x, w, b, 0.1).y.square(),
  uniform([4, 2], 57, -2, 2),
  uniform([2], 58),
  uniform([2], 59),
);
of(
  "batchNormEvaluation",
  (x, w, b, m, v) => batchNormEvaluation(x, w, b, { mean: m, variance: v }),
  uniform([2, 2, 2], 60),
  uniform([2], 61),
  uniform([2], 62),
  uniform([2], 63),
  uniform([2], 64, 0.5, 1.5),
);

export const gradientCases: readonly Case[] = [...cases, ...indexingCases];
