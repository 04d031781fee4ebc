// A random case of every op: operands and attributes that its `infer` accepts, all families and dtypes.
import { type Attrs, type DType, at, sizeOf } from "@stria/core";
import { type Case, type Make, close, every, numeric, summed } from "./case.ts";
import { indexingCases } from "./indexing-cases.ts";
import type { Operand, Random } from "./random.ts";
import { windowCases } from "./window-cases.ts";

const unary =
  (dtypes: readonly DType[], scale = 4): Make =>
  (random) => ({
    inputs: [random.operand(random.shape(random.int(0, 5)), random.pick(dtypes), { special: 0.1, scale })],
    attrs: {},
    ...close,
  });

const binary =
  (dtypes: readonly DType[]): Make =>
  (random) => {
    const dtype = random.pick(dtypes);
    return {
      inputs: random.broadcastable(2).map((shape) => random.operand(shape, dtype, { special: 0.15 })),
      attrs: {},
      ...close,
    };
  };

const reduction =
  (empty: boolean): Make =>
  (random) => {
    const shape = random.shape(random.int(0, 4), 5, empty ? 0.1 : 0);
    const attrs = { axes: random.subset(shape.length), keepDims: random.chance(0.5) };
    return {
      inputs: [random.operand(shape, random.pick(numeric), { special: random.chance(0.3) ? 0.05 : 0 })],
      attrs,
      ...close,
    };
  };

/** An op on one tensor of any dtype, with attributes from its shape. */
const moving =
  (attrsOf: (random: Random, shape: number[]) => Attrs): Make =>
  (random) => {
    const shape = random.shape(random.int(0, 5), 4);
    return { inputs: [random.operand(shape, random.pick(every), { special: 0.05 })], attrs: attrsOf(random, shape) };
  };

function sliceAttrs(random: Random, shape: readonly number[]): Attrs {
  const stride = random.list(shape.length, 1, 3);
  const start = shape.map((length) => random.int(0, Math.max(0, length - 1)));
  const size = shape.map((length, axis) =>
    random.int(0, Math.floor((length - at(start, axis) - 1) / at(stride, axis)) + 1),
  );
  return { stride, start, size };
}

function matmulCase(random: Random): Case {
  const [transposeA, transposeB] = [random.chance(0.5), random.chance(0.5)];
  const [rows, inner, columns] = random.shape(3, 6, 0.05);
  const [left = [], right = []] = random.broadcastable(2).map((shape) => shape.slice(-2));
  const matrix = (a = 1, b = 1, swap = false): number[] => (swap ? [b, a] : [a, b]);
  return {
    inputs: [
      random.operand([...left, ...matrix(rows, inner, transposeA)], "float32"),
      random.operand([...right, ...matrix(inner, columns, transposeB)], "float32"),
    ],
    attrs: { transposeA, transposeB },
    ...summed,
  };
}

const along: Make = (random) => {
  const shape = random.shape(random.int(1, 4));
  return {
    inputs: [
      random.operand(shape, "float32", { special: random.chance(0.3) ? 0.05 : 0, scale: random.pick([1, 100]) }),
    ],
    attrs: { axis: random.int(0, shape.length - 1) },
    ...close,
  };
};

function lossCase(random: Random, gradient: boolean): Case {
  const [batch, classes] = [random.int(0, 4), random.int(1, 6)];
  const rest = random.shape(random.int(0, 2), 3, 0);
  const labels: Operand = {
    shape: [batch, ...rest],
    dtype: "int32",
    data: Int32Array.from({ length: sizeOf([batch, ...rest]) }, () => random.int(-1, classes)),
  };
  const logits = random.operand([batch, classes, ...rest], "float32", { scale: random.pick([1, 50]) });
  return {
    inputs: gradient ? [random.operand([batch, ...rest], "float32"), logits, labels] : [logits, labels],
    attrs: {},
    ...close,
  };
}

function batchNormCase(random: Random, gradient: boolean): Case {
  const shape = [random.int(1, 4), random.int(1, 4), ...random.shape(random.int(0, 3), 5, 0)];
  const perChannel = (): Operand => random.operand([at(shape, 1)], "float32");
  const variance = perChannel();
  for (const [index, value] of variance.data.entries()) variance.data[index] = Math.abs(value) + 0.5;
  const x = random.operand(shape, "float32");
  const inputs = gradient
    ? [random.operand(shape, "float32"), x, perChannel(), perChannel(), variance]
    : [x, perChannel(), perChannel()];
  return { inputs, attrs: { epsilon: 1e-3 }, ...summed };
}

/** A maker for every op. */
export const cases: Readonly<Record<string, Make>> = {
  ...windowCases,
  ...indexingCases,
  neg: unary(numeric),
  abs: unary(numeric),
  sign: unary(numeric),
  exp: unary(["float32"]),
  log: unary(["float32"]),
  sqrt: unary(["float32"]),
  sin: unary(["float32"], 50),
  cos: unary(["float32"], 50),
  tanh: unary(["float32"], 10),
  erf: unary(["float32"]),
  floor: unary(["float32"], 50),
  round: unary(["float32"]),
  relu: unary(["float32"]),
  sigmoid: unary(["float32"], 60),
  softplus: unary(["float32"], 60),
  log1p: unary(["float32"]),
  expm1: unary(["float32"]),
  logicalNot: unary(["bool"]),
  add: binary(numeric),
  sub: binary(numeric),
  mul: binary(numeric),
  div: binary(["float32"]),
  pow: binary(["float32"]),
  maximum: binary(numeric),
  minimum: binary(numeric),
  equal: binary(every),
  less: binary(every),
  lessEqual: binary(every),
  logicalAnd: binary(["bool"]),
  where(random) {
    const [condition = [], first = [], second = []] = random.broadcastable(3);
    const dtype = random.pick(every);
    return {
      inputs: [
        random.operand(condition, "bool"),
        random.operand(first, dtype, { special: 0.1 }),
        random.operand(second, dtype),
      ],
      attrs: {},
    };
  },
  cast: (random) => ({
    inputs: [
      random.operand(random.shape(random.int(0, 3)), random.pick(every), {
        special: 0.2,
        scale: random.pick([3, 300, 1e10]),
      }),
    ],
    attrs: { dtype: random.pick(every) },
  }),
  full: (random) => ({
    inputs: [],
    attrs: { shape: random.shape(random.int(0, 4)), value: random.int(0, 1), dtype: random.pick(every) },
  }),
  iota(random) {
    const shape = random.shape(random.int(1, 4));
    return { inputs: [], attrs: { shape, axis: random.int(0, shape.length - 1), dtype: random.pick(numeric) } };
  },
  sum: reduction(true),
  prod: reduction(true),
  max: reduction(false),
  argMax(random) {
    const shape = random.shape(random.int(1, 4), 5, 0);
    const operand = random.operand(shape, random.pick(numeric), { special: random.pick([0, 0.1]), scale: 2 });
    if (random.chance(0.4))
      for (const [index, value] of operand.data.entries()) operand.data[index] = Math.round(value);
    return { inputs: [operand], attrs: { axis: random.int(0, shape.length - 1), keepDims: random.chance(0.5) } };
  },
  reshape: moving((random, shape) => ({
    shape: random.pick([[sizeOf(shape)], [1, ...shape], shape.toReversed()]),
  })),
  transpose: moving((random, shape) => ({ permutation: random.permutation(shape.length) })),
  broadcastTo(random) {
    const shape = random.shape(random.int(0, 3));
    return {
      inputs: [
        random.operand(
          shape.map((length) => (random.chance(0.4) ? 1 : length)),
          random.pick(every),
        ),
      ],
      attrs: { shape: [...random.shape(random.int(0, 2)), ...shape] },
    };
  },
  pad: moving((random, shape) => ({ padding: random.pairs(shape.length, 2), value: random.int(0, 1) })),
  slice: moving(sliceAttrs),
  flip: moving((random, shape) => ({ axes: random.subset(shape.length) })),
  concat(random) {
    const shape = random.shape(random.int(1, 4));
    const [axis, dtype] = [random.int(0, shape.length - 1), random.pick(every)];
    return {
      inputs: Array.from({ length: random.int(1, 4) }, () => random.operand(shape.with(axis, random.int(0, 3)), dtype)),
      attrs: { axis },
    };
  },
  matmul: matmulCase,
  softmax: along,
  logSoftmax: along,
  softmaxCrossEntropy: (random) => lossCase(random, false),
  softmaxCrossEntropyGradient: (random) => lossCase(random, true),
  batchNormTraining: (random) => batchNormCase(random, false),
  batchNormGradient: (random) => batchNormCase(random, true),
};
