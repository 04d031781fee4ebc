// Functions whose gradients are checked, with inputs for them: what training needs beyond single ops.
import {
  type Tensor,
  at,
  avgPool,
  batchNormTraining,
  conv,
  convTranspose,
  gather,
  grad,
  logSoftmax,
  matmul,
  maxPool,
  scatterAdd,
  sizeOf,
  softmaxCrossEntropy,
  sort,
  take,
  tanh,
} from "@stria/core";
import type { Operand, Random } from "../random.ts";

export interface Sample {
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly Operand[];
}

function convolution(random: Random, axes: number, transposed: boolean): Sample {
  const groups = random.pick([1, 2]);
  const [stride, dilation] = [random.list(axes, 1, 2), random.list(axes, 1, 2)];
  const padding = random.pairs(axes, 1);
  const spatial = random.list(axes, axes === 3 ? 4 : 5, axes === 3 ? 4 : 6);
  const options = { stride, dilation, padding, groups };
  return {
    f: (x, w) => (transposed ? convTranspose(x, w, options) : conv(x, w, options)),
    inputs: [
      random.operand([2, 2 * groups, ...spatial], "float32"),
      random.operand(
        transposed ? [2 * groups, 1, ...random.list(axes, 2, 3)] : [2 * groups, 2, ...random.list(axes, 1, 2)],
        "float32",
      ),
    ],
  };
}

export const samples: Readonly<Record<string, (random: Random) => Sample>> = {
  "conv 1-D": (random) => convolution(random, 1, false),
  "conv 2-D": (random) => convolution(random, 2, false),
  "conv 3-D": (random) => convolution(random, 3, false),
  "convTranspose 2-D": (random) => convolution(random, 2, true),
  maxPool: (random) => ({
    f: (x) => maxPool(tanh(x), 3, { stride: 2, padding: 1 }),
    inputs: [distinct(random, [2, 2, 7, 6])],
  }),
  avgPool: (random) => ({
    f: (x) =>
      avgPool(tanh(x), [2, 3], {
        stride: [2, 1],
        padding: [
          [0, 1],
          [1, 1],
        ],
      }),
    inputs: [random.operand([2, 2, 7, 6], "float32")],
  }),
  matmul: (random) => ({
    f: (a, b) => matmul(a, b),
    inputs: [random.operand([3, 4, 5], "float32"), random.operand([5, 2], "float32")],
  }),
  "batch norm": (random) => ({
    // Times x: the squares of what is normalised hardly change, and their gradient would be all cancellation.
    f: (x, weight, bias) => batchNormTraining(x, weight, bias, 1e-3).y.mul(x),
    inputs: [random.operand([4, 3, 3, 2], "float32"), random.operand([3], "float32"), random.operand([3], "float32")],
  }),
  logSoftmax: (random) => ({ f: (x) => logSoftmax(x, 1), inputs: [random.operand([3, 5], "float32")] }),
  take: (random) => ({
    f: (x, places) => take(x, places, 1),
    inputs: [random.operand([2, 4, 3], "float32"), indices(random, [5, 2], 4)],
  }),
  gather: (random) => ({
    f: (x, places) => gather(x, places, 0),
    inputs: [random.operand([4, 3], "float32"), indices(random, [6, 3], 4)],
  }),
  "scatter-add": (random) => ({
    f: (x, places, updates) => scatterAdd(x, places, updates, 1),
    inputs: [random.operand([2, 4], "float32"), indices(random, [2, 6], 4), random.operand([2, 6], "float32")],
  }),
  sort: (random) => ({
    f: (x) => sort(x, 0).values.mul(x),
    inputs: [distinct(random, [6, 3])],
  }),
  "softmax cross-entropy": (random) => ({
    f: (x, labels) => softmaxCrossEntropy(x, labels),
    inputs: [
      random.operand([4, 5], "float32"),
      { shape: [4], dtype: "int32", data: Int32Array.from(random.list(4, 0, 4)) },
    ],
  }),
};

/** Elements in any order that are no nearer to each other than 0.04: what is compared stays in order along a short line. */
function distinct(random: Random, shape: readonly number[]): Operand {
  const places = random.permutation(sizeOf(shape));
  return { shape, dtype: "float32", data: Float32Array.from(places, (place) => (place - places.length / 2) * 0.04) };
}

/** Indices of `length` elements, some of them equal. */
function indices(random: Random, shape: readonly number[], length: number): Operand {
  return { shape, dtype: "int32", data: Int32Array.from(random.list(sizeOf(shape), 0, length - 1)) };
}

/** Gradients of `of`'s result by the inputs that are no integers. */
export function byFloats(of: (inputs: readonly Tensor[]) => Tensor, inputs: readonly Tensor[]): readonly Tensor[] {
  const isFloat = ({ dtype }: Tensor): boolean => dtype === "float32";
  return grad((floats: readonly Tensor[]) => {
    let next = 0;
    return of(inputs.map((input) => (isFloat(input) ? at(floats, next++) : input)));
  })(inputs.filter(isFloat));
}
