// A random case of every op: operands and attributes that its `infer` accepts, all families and dtypes.
import { type Attrs, type DType, at, sizeOf } from "@stria/core";
import { type Case, type Make, type Tolerance, close, comparable, every, exact, numeric, summed } from "./case.ts";
import type { Operand, Random } from "../random.ts";
import { indexingCases } from "./indexing.ts";
import { windowCases } from "./windows.ts";

const unary =
  (dtypes: readonly DType[], tolerance: Tolerance, scale = 4): Make =>
  (random) => ({
    inputs: [random.operand(random.shape(random.rank()), random.pick(dtypes), { special: 0.1, scale })],
    attrs: {},
    tolerance,
  });

/** float32, where most can go wrong, half of the time. */
function dtypeOf(random: Random, dtypes: readonly DType[]): DType {
  return dtypes.includes("float32") && random.chance(0.5) ? "float32" : random.pick(dtypes);
}

/** Shapes that broadcast. Equal shapes are a path of their own in most backends, and long ones meet every pair of special values. */
function shapesOf(random: Random, count: number): number[][] {
  const length = random.int(30, 70);
  return random.chance(0.4) ? Array.from({ length: count }, () => [length]) : random.broadcastable(count);
}

const binary =
  (dtypes: readonly DType[], tolerance: Tolerance = exact): Make =>
  (random) => {
    const dtype = dtypeOf(random, dtypes);
    const [first = [], second = []] = shapesOf(random, 2);
    const [a, b] = [random.operand(first, dtype, { special: 0.35 }), random.operand(second, dtype, { special: 0.35 })];
    // Equal elements are rare otherwise, and NaN beside NaN is.
    if (a.data.length === b.data.length)
      for (const [index, value] of a.data.entries()) if (random.chance(0.3)) b.data[index] = value;
    return { inputs: [a, b], attrs: {}, tolerance };
  };

const reduction =
  (empty: boolean): Make =>
  (random) => {
    const shape = random.shape(random.rank(), 5, empty ? 0.1 : 0);
    const attrs = { axes: random.subset(shape.length), keepDims: random.chance(0.5) };
    return {
      inputs: [random.operand(shape, random.pick(numeric), { special: random.pick([0, 0.05, 0.2]) })],
      attrs,
      tolerance: close,
    };
  };

/** An op on one tensor of any dtype, with attributes from its shape. */
const moving =
  (attrsOf: (random: Random, shape: number[]) => Attrs): Make =>
  (random) => {
    const shape = random.shape(random.rank(), 4);
    return {
      inputs: [random.operand(shape, random.pick(every), { special: 0.05 })],
      attrs: attrsOf(random, shape),
      tolerance: exact,
    };
  };

function sliceAttrs(random: Random, shape: readonly number[]): Attrs {
  const stride = random.list(shape.length, 1, 3);
  const start = shape.map((length) => random.int(0, Math.max(0, length - 1)));
  const size = shape
    .map((length, axis) =>
      random.int(
        random.chance(0.1) ? 0 : 1,
        Math.max(1, Math.floor((length - at(start, axis) - 1) / at(stride, axis)) + 1),
      ),
    )
    .map((count, axis) => (shape[axis] === 0 ? 0 : count));
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
    tolerance: summed,
  };
}

const along: Make = (random) => {
  const shape = random.shape(random.rank(1));
  return {
    inputs: [
      random.operand(shape, "float32", { special: random.chance(0.3) ? 0.05 : 0, scale: random.pick([1, 100]) }),
    ],
    attrs: { axis: random.int(0, shape.length - 1) },
    tolerance: close,
  };
};

function lossCase(random: Random, gradient: boolean): Case {
  const [batch, classes] = [random.int(0, 4), random.int(1, 6)];
  const rest = random.shape(random.int(0, 2), 3, 0);
  const labels: Operand = {
    shape: [batch, ...rest],
    dtype: "int32",
    data: Int32Array.from({ length: sizeOf([batch, ...rest]) }, () =>
      // Outside the classes the loss is NaN, and so is its gradient.
      random.int(-1, classes),
    ),
  };
  const logits = random.operand([batch, classes, ...rest], "float32", { scale: random.pick([1, 50]) });
  return {
    inputs: gradient ? [random.operand([batch, ...rest], "float32"), logits, labels] : [logits, labels],
    attrs: {},
    tolerance: close,
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
  return { inputs, attrs: { epsilon: 1e-3 }, tolerance: summed };
}

/** A maker for every op. */
export const cases: Readonly<Record<string, Make>> = {
  ...windowCases,
  ...indexingCases,
  neg: unary(numeric, exact),
  abs: unary(numeric, exact),
  sign: unary(numeric, exact),
  exp: unary(["float32"], close),
  log: unary(["float32"], close),
  sqrt: unary(["float32"], close),
  sin: unary(["float32"], close, 50),
  cos: unary(["float32"], close, 50),
  tanh: unary(["float32"], close, 10),
  erf: unary(["float32"], close),
  floor: unary(["float32"], exact, 50),
  round: unary(["float32"], exact),
  relu: unary(["float32"], exact),
  softplus: unary(["float32"], close, 60),
  sigmoid: unary(["float32"], close, 60),
  log1p: unary(["float32"], close),
  expm1: unary(["float32"], close),
  logicalNot: unary(["bool"], exact),
  add: binary(numeric, close),
  sub: binary(numeric, close),
  mul: binary(numeric, close),
  div: binary(["float32"], close),
  pow: binary(["float32"], close),
  maximum: binary(numeric),
  minimum: binary(numeric),
  equal: binary(comparable),
  less: binary(comparable),
  lessEqual: binary(comparable),
  logicalAnd: binary(["bool"]),
  where(random) {
    const [condition = [], first = [], second = []] = shapesOf(random, 3);
    const dtype = dtypeOf(random, every);
    return {
      inputs: [
        random.operand(condition, "bool"),
        random.operand(first, dtype, { special: 0.1 }),
        random.operand(second, dtype, { special: 0.1 }),
      ],
      attrs: {},
      tolerance: exact,
    };
  },
  cast: (random) => ({
    inputs: [
      random.operand(random.chance(0.5) ? [random.int(30, 70)] : random.shape(random.rank()), dtypeOf(random, every), {
        special: 0.2,
        scale: random.pick([3, 300, 1e10]),
      }),
    ],
    attrs: { dtype: random.pick(every) },
    tolerance: exact,
  }),
  full: (random) => ({
    inputs: [],
    attrs: { shape: random.shape(random.rank()), value: random.int(0, 1), dtype: random.pick(every) },
    tolerance: exact,
  }),
  iota(random) {
    const shape = random.shape(random.rank(1));
    return {
      inputs: [],
      attrs: { shape, axis: random.int(0, shape.length - 1), dtype: random.pick(numeric) },
      tolerance: exact,
    };
  },
  sum: reduction(true),
  prod: reduction(true),
  max: reduction(false),
  argMax(random) {
    const shape = random.shape(random.rank(1), 5, 0);
    const operand = random.operand(shape, random.pick(numeric), { special: random.pick([0, 0.1]), scale: 2 });
    if (random.chance(0.4))
      for (const [index, value] of operand.data.entries()) operand.data[index] = Math.round(value);
    return {
      inputs: [operand],
      attrs: { axis: random.int(0, shape.length - 1), keepDims: random.chance(0.5) },
      tolerance: exact,
    };
  },
  reshape: moving((random, shape) => ({
    shape: random.pick([[sizeOf(shape)], shape.length < 6 ? [1, ...shape] : shape, shape.toReversed()]),
  })),
  transpose: moving((random, shape) => ({ permutation: random.permutation(shape.length) })),
  broadcastTo(random) {
    const shape = random.shape(random.rank());
    return {
      inputs: [
        random.operand(
          shape.map((length) => (random.chance(0.4) ? 1 : length)),
          random.pick(every),
        ),
      ],
      attrs: { shape: [...random.shape(random.int(0, Math.min(2, 6 - shape.length))), ...shape] },
      tolerance: exact,
    };
  },
  pad: moving((random, shape) => ({ padding: random.pairs(shape.length, 2), value: random.int(0, 1) })),
  slice: moving(sliceAttrs),
  flip: moving((random, shape) => ({ axes: random.subset(shape.length) })),
  concat(random) {
    const shape = random.shape(random.rank(1));
    const [axis, dtype] = [random.int(0, shape.length - 1), random.pick(every)];
    return {
      inputs: Array.from({ length: random.int(1, 4) }, () => random.operand(shape.with(axis, random.int(0, 3)), dtype)),
      attrs: { axis },
      tolerance: exact,
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
