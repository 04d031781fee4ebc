// Random cases of the ops that read and write at indices, and of sorting: every axis, indices outside, equal ones, empty axes.
import { type Shape, at, sizeOf } from "@stria/core";
import { type Make, close, every, numeric } from "./case.ts";
import type { Operand, Random } from "./random.ts";

interface Lanes {
  readonly shape: number[];
  readonly axis: number;
  /** How many elements the axis has. */
  readonly length: number;
  /** How many indices there are along it. */
  readonly count: number;
}

function lanes(random: Random): Lanes {
  const shape = random.shape(random.int(1, 4));
  const axis = random.int(0, shape.length - 1);
  return { shape, axis, length: at(shape, axis), count: random.int(0, 7) };
}

/** Indices of `length` elements; now and then one is outside, near or far. */
function indices(random: Random, shape: Shape, length: number): Operand {
  const data = Int32Array.from({ length: sizeOf(shape) }, () =>
    length === 0 || random.chance(0.2)
      ? random.pick([-1, length, -length - 1, 2 ** 31 - 1, -(2 ** 31)])
      : random.int(0, length - 1),
  );
  return { shape, dtype: "int32", data };
}

const reading =
  (shapeOf: (random: Random, lane: Lanes) => Shape): Make =>
  (random) => {
    const lane = lanes(random);
    return {
      inputs: [
        random.operand(lane.shape, random.pick(every), { special: 0.1 }),
        indices(random, shapeOf(random, lane), lane.length),
      ],
      attrs: { axis: lane.axis },
    };
  };

const adding =
  (shapesOf: (random: Random, lane: Lanes) => { readonly values: Shape; readonly places: Shape }): Make =>
  (random) => {
    const lane = lanes(random);
    const { values, places } = shapesOf(random, lane);
    return {
      inputs: [random.operand(values, random.pick(numeric)), indices(random, places, lane.length)],
      attrs: { axis: lane.axis, length: lane.length },
      ...close,
    };
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
    return { inputs: [indices(random, shape.with(axis, count), length)], attrs: { axis, length } };
  },
  argSort(random) {
    const { shape, axis, length } = lanes(random);
    const operand = random.operand(shape, random.pick(every), { special: random.pick([0, 0.2]) });
    if (random.chance(0.5))
      for (const [index, value] of operand.data.entries()) operand.data[index] = Math.round(value);
    return { inputs: [operand], attrs: { axis, descending: random.chance(0.5), count: random.int(0, length) } };
  },
};
