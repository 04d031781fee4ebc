// Random operands of the ops that read and write at indices: every axis and dtype, some indices outside, some axes empty, many equals.
import * as fc from "fast-check";
import { type Tensor, at, cast, take, tensor } from "../../src/index.ts";
import { dtypes } from "../../src/tensor/dtype.ts";
import type { Attrs } from "../../src/op.ts";
import { integers, uniform } from "../support/numbers.ts";

export interface Sample {
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
}

const numbers = ["float32", "int32"] as const;
const lanes = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    place: fc.nat(),
    count: fc.integer({ min: 0, max: 6 }),
    other: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    dtype: fc.constantFrom(...dtypes),
    number: fc.constantFrom(...numbers),
    seed: fc.integer({ min: 0, max: 1e6 }),
  })
  .map(({ shape, place, ...rest }) => {
    const axis = place % shape.length;
    return { ...rest, shape, axis, length: at(shape, axis) };
  });

/** Few different values, so that some are equal. */
const values = (shape: readonly number[], seed: number, dtype: Tensor["dtype"]): Tensor =>
  cast(dtype === "float32" ? uniform(shape, seed, -4, 4) : integers(shape, seed, 0, 3), dtype);
const specials = tensor([Number.NaN, 0, -0, Infinity, -Infinity, 1]);
/** One index in a few is outside. */
const indices = (shape: readonly number[], seed: number, length: number): Tensor =>
  integers(shape, seed, -1, length + 1);

export const indexingSamples: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  take: lanes.map(({ shape, axis, length, other, dtype, seed }) => ({
    inputs: [values(shape, seed, dtype), indices(other, seed + 1, length)],
    attrs: { axis },
  })),
  takeGradient: lanes.map(({ shape, axis, length, other, number, seed }) => ({
    inputs: [values(shape.toSpliced(axis, 1, ...other), seed, number), indices(other, seed + 1, length)],
    attrs: { axis, length },
  })),
  gather: lanes.map(({ shape, axis, length, count, dtype, seed }) => ({
    inputs: [values(shape, seed, dtype), indices(shape.with(axis, count), seed + 1, length)],
    attrs: { axis },
  })),
  gatherGradient: lanes.map(({ shape, axis, length, count, number, seed }) => ({
    inputs: [values(shape.with(axis, count), seed, number), indices(shape.with(axis, count), seed + 1, length)],
    attrs: { axis, length },
  })),
  scatterPlaces: lanes.map(({ shape, axis, length, count, seed }) => ({
    inputs: [indices(shape.with(axis, count), seed + 1, length)],
    attrs: { axis, length },
  })),
  argSort: fc
    .record({ lane: lanes, descending: fc.boolean(), kept: fc.nat(), special: fc.boolean() })
    .map(({ lane: { shape, axis, length, dtype, seed }, descending, kept, special }) => ({
      inputs: [
        special
          ? take(specials, integers(shape, seed, 0, specials.size))
          : values(shape, seed, dtype === "float16" ? "float32" : dtype),
      ],
      attrs: { axis, descending, count: kept % (length + 1) },
    })),
};
