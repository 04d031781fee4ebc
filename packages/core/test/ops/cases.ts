// One case and more for every op: functions of tensors with inputs at which they are smooth. Gradients are checked on all of them.
import {
  abs,
  add,
  argMax,
  batchNormEvaluation,
  batchNormTraining,
  broadcastTo,
  cast,
  concat,
  cos,
  div,
  equal,
  erf,
  exp,
  expm1,
  flip,
  floor,
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
  where,
} from "../../src/index.ts";
import type { Differentiable } from "../support/differences.ts";
import { distinct, integers, uniform } from "../support/numbers.ts";
import { indexingCases } from "./indexing-cases.ts";
import { windowCases } from "./window-cases.ts";

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

export const gradientCases: readonly Case[] = [...cases, ...windowCases, ...indexingCases];
