// Cases of the ops that move a window: convolution, pooling, unfolding.
import {
  avgPool,
  conv,
  convTranspose,
  convWeightGradient,
  fold,
  maxPool,
  maxPoolWithIndices,
  trueConvolution,
  unfold,
} from "../../src/index.ts";
import { applyOne } from "../../src/tensor/dispatch.ts";
import { maxPoolGatherOp } from "../../src/ops/maxPoolGradient.ts";
import type { Differentiable } from "../support/differences.ts";
import { distinct, uniform } from "../support/numbers.ts";
import type { Case } from "./cases.ts";

const of = (name: string, f: Differentiable, ...inputs: Case["inputs"]): Case => ({ name, f, inputs });

export const windowCases: readonly Case[] = [
  of(
    "conv 1-D, causal",
    (x, w) => conv(x, w, { padding: "causal", dilation: 2 }),
    uniform([2, 2, 5], 27),
    uniform([2, 2, 2], 28),
  ),
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
  ),
  of(
    "conv 3-D",
    (x, w) => conv(x, w, { padding: 1, stride: 2 }),
    uniform([1, 1, 3, 3, 3], 32),
    uniform([2, 1, 2, 2, 2], 33),
  ),
  of("true convolution", (x, w) => trueConvolution(x, w), uniform([1, 1, 4, 4], 34), uniform([1, 1, 2, 3], 35)),
  of(
    "convTranspose of nothing",
    (x, w) => convTranspose(x, w, { stride: 2, outputPadding: 1 }),
    uniform([2, 3, 0], 34),
    uniform([3, 2, 3], 35),
  ),
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
  ),
  of(
    "convWeightGradient",
    (x, dy) => convWeightGradient(x, dy, { stride: [2], dilation: [2], padding: [[1, 2]], groups: 2, kernel: [2] }),
    uniform([2, 4, 7], 39),
    uniform([2, 2, 4], 40),
  ),
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
  ),
  of("maxPool squared", (x) => maxPool(x, 2, { ceilMode: true }).square(), distinct([1, 1, 5, 5], 42)),
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
  ),
  of(
    "maxPool, dilated",
    (x) => maxPoolWithIndices(x, 2, { dilation: 2, stride: 1 }).values.square(),
    distinct([1, 1, 4, 4], 43),
  ),
  of("avgPool", (x) => avgPool(x, [2, 3], { stride: [2, 1], padding: [1, 1] }), uniform([1, 2, 5, 4], 44)),
  of(
    "avgPool without padding counted",
    (x) => avgPool(x, 3, { padding: 1, countPadding: false, stride: 2 }).square(),
    uniform([1, 1, 5, 5], 45),
  ),
  of(
    "unfold",
    (x) => unfold(x, { kernel: [2, 2], stride: [1, 2], padding: 1, dilation: [2, 1] }).square(),
    uniform([1, 2, 4, 5], 46),
  ),
  of(
    "fold",
    (x) => fold(x, { outputSize: [4, 5], kernel: [2, 2], stride: [1, 2], padding: 1, dilation: [2, 1] }).square(),
    uniform([1, 8, 12], 47),
  ),
];
