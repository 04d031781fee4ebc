// Random cases of the ops that read and write at indices, and of sorting: every axis, indices outside, equal ones, empty axes.
import { type DType, type Shape, at, sizeOf } from "@stria/core";
import { type Make, close, comparable, every, exact, numeric } from "./case.ts";
import type { Operand, Random } from "../random.ts";

interface Lanes {
  readonly shape: number[];
  readonly axis: number;
  /** How many elements the axis has. */
  readonly length: number;
  /** How many indices there are along it. */
  readonly count: number;
}

function lanes(random: Random): Lanes {
  // Now and then an axis is long enough for loops that work on several lanes, or several elements, at once.
  const isLong = random.chance(0.3);
  const shape = random.shape(random.int(1, isLong ? 2 : 4), 5, 0.05);
  const axis = random.int(0, shape.length - 1);
  if (isLong) shape[random.int(0, shape.length - 1)] = random.int(17, 70);
  return { shape, axis, length: at(shape, axis), count: random.chance(0.05) ? 0 : random.int(1, 9) };
}

/** Indices of `length` elements; now and then one is outside, near or far. */
function indices(random: Random, shape: Shape, length: number): Operand {
  const outside = random.pick([0, 0, 0.2]);
  const data = Int32Array.from({ length: sizeOf(shape) }, () =>
    length === 0 || random.chance(outside)
      ? random.pick([-1, length, length + 3, -length - 1, 2 ** 31 - 1, -(2 ** 31), 2 ** 30])
      : random.int(0, length - 1),
  );
  return { shape, dtype: "int32", data };
}

/** float32 most of the time: where most can go wrong. */
function dtypeOf(random: Random, dtypes: readonly DType[]): DType {
  return random.chance(0.5) ? "float32" : random.pick(dtypes);
}

const reading =
  (shapeOf: (random: Random, lane: Lanes) => Shape): Make =>
  (random) => {
    const lane = lanes(random);
    const special = random.pick([0, 0.1]);
    return {
      inputs: [
        random.operand(lane.shape, dtypeOf(random, every), { special }),
        indices(random, shapeOf(random, lane), lane.length),
      ],
      attrs: { axis: lane.axis },
      tolerance: exact,
    };
  };

const adding =
  (shapesOf: (random: Random, lane: Lanes) => { readonly values: Shape; readonly places: Shape }): Make =>
  (random) => {
    const lane = lanes(random);
    const { values, places } = shapesOf(random, lane);
    return {
      inputs: [random.operand(values, dtypeOf(random, numeric)), indices(random, places, lane.length)],
      attrs: { axis: lane.axis, length: lane.length },
      tolerance: close,
    };
  };

const argSortCase: Make = (random) => {
  const { shape, axis, length } = lanes(random);
  const operand = random.operand(shape, dtypeOf(random, comparable), { special: random.pick([0, 0.2]), scale: 3 });
  // Equal elements: they keep their order.
  if (random.chance(0.5)) for (const [index, value] of operand.data.entries()) operand.data[index] = Math.round(value);
  const attrs = {
    axis,
    descending: random.chance(0.5),
    count: random.chance(0.5) ? length : random.int(0, length),
  };
  return { inputs: [operand], attrs, tolerance: exact };
};

export const indexingCases: Readonly<Record<string, Make>> = {
  take: reading((random) => random.shape(random.int(0, 2), 6)),
  takeGradient: adding((random, { shape, axis }) => {
    const places = random.shape(random.int(0, 2), 6);
    return { values: shape.toSpliced(axis, 1, ...places), places };
  }),
  gather: reading((_, { shape, axis, count }) => shape.with(axis, count)),
  gatherGradient: adding((_, { shape, axis, count }) => ({
    values: shape.with(axis, count),
    places: shape.with(axis, count),
  })),
  scatterPlaces(random) {
    const { shape, axis, length, count } = lanes(random);
    return { inputs: [indices(random, shape.with(axis, count), length)], attrs: { axis, length }, tolerance: exact };
  },
  argSort: argSortCase,
};
