// Broadcasting and strided ops against index arithmetic, for random shapes.
import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import {
  type Shape,
  at,
  broadcastShapes,
  concat,
  flip,
  pad,
  sizeOf,
  slice,
  stridesOf,
  sub,
  sum,
  transpose,
  useBackend,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { uniform } from "../support/numbers.ts";

beforeAll(() => useBackend(reference()));

/** The indices of the element at row-major place `place`. */
function indicesOf(place: number, shape: Shape): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(place / stride) % at(shape, axis));
}

const placeOf = (indices: readonly number[], shape: Shape): number =>
  stridesOf(shape).reduce((sum_, stride, axis) => sum_ + stride * at(indices, axis), 0);

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

/** Two shapes that broadcast: of a common one, axes are set to 1 and leading ones left out. */
const pairs = fc
  .record({
    shape: shapes,
    a: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    b: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    cut: fc.nat(4),
  })
  .map(({ shape, a, b, cut }) => ({
    left: shape.map((length, axis) => (a[axis] ? 1 : length)),
    right: shape.map((length, axis) => (b[axis] ? 1 : length)).slice(Math.min(cut, shape.length)),
  }));

it("operands stretch along axes of length 1, aligned at the last", async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ({ left, right }) => {
      const [a, b] = [uniform(left, 1), uniform(right, 2)];
      const y = sub(a, b);
      const [dataA, dataB, dataY] = [await a.data(), await b.data(), await y.data()];
      expect(y.shape).toEqual(broadcastShapes("test", left, right));
      const pick = (data: ArrayLike<number>, shape: Shape, indices: readonly number[]): number =>
        at(
          data,
          placeOf(
            indices.slice(indices.length - shape.length).map((index, axis) => (shape[axis] === 1 ? 0 : index)),
            shape,
          ),
        );
      for (let place = 0; place < y.size; place++) {
        const indices = indicesOf(place, y.shape);
        expect(dataY[place]).toBe(Math.fround(pick(dataA, left, indices) - pick(dataB, right, indices)));
      }
    }),
    { seed: 1 },
  );
});

it("transpose, flip, slice, pad and concat move elements where they say", async () => {
  const samples = fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    keys: fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(samples, async ({ shape, keys }) => {
      const key = (axis: number): number => at(keys, axis);
      const x = uniform(shape, 3);
      const data = await x.data();
      const order = shape.map((_, axis) => axis).toSorted((a, b) => key(a) - key(b));
      const flipped = shape.flatMap((_, axis) => (key(axis) % 2 === 0 ? [axis] : []));
      const stride = shape.map((_, axis) => 1 + (key(axis) % 3));
      const start = shape.map((length, axis) => key(axis) % length);
      const size = shape.map((length, axis) => Math.ceil((length - at(start, axis)) / at(stride, axis)));
      const padding = shape.map((_, axis): [number, number] => [key(axis) % 3, key(axis + 4) % 2]);
      const checks = [
        [transpose(x, order), (to: number[]) => order.map((_, axis) => at(to, order.indexOf(axis)))],
        [
          flip(x, flipped),
          (to: number[]) => to.map((index, axis) => (flipped.includes(axis) ? at(shape, axis) - 1 - index : index)),
        ],
        [
          slice(x, start, size, stride),
          (to: number[]) => to.map((index, axis) => at(start, axis) + index * at(stride, axis)),
        ],
        [pad(x, padding, 9), (to: number[]) => to.map((index, axis) => index - at(padding, axis)[0])],
        [
          concat([x, x], shape.length - 1),
          (to: number[]) => to.with(to.length - 1, at(to, to.length - 1) % at(shape, shape.length - 1)),
        ],
      ] as const;
      for (const [y, origin] of checks) {
        const found = await y.data();
        for (let place = 0; place < y.size; place++) {
          const from = origin(indicesOf(place, y.shape));
          const inside = from.every((index, axis) => index >= 0 && index < at(shape, axis));
          expect(found[place]).toBe(inside ? data[placeOf(from, shape)] : 9);
        }
      }
    }),
    { seed: 2 },
  );
});

it("sums along any axes add what they should", async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      async (shape, chosen, keepDims) => {
        const axes = shape.flatMap((_, axis) => (chosen[axis] ? [axis] : []));
        const x = uniform(shape, 4);
        const y = sum(x, axes, { keepDims });
        const kept = shape.map((length, axis) => (chosen[axis] ? 1 : length));
        const wanted = new Float64Array(sizeOf(kept));
        for (const [place, value] of (await x.data()).entries()) {
          const to = placeOf(
            indicesOf(place, shape).map((index, axis) => (chosen[axis] ? 0 : index)),
            kept,
          );
          wanted[to] = at(wanted, to) + value;
        }
        expect(y.shape).toEqual(keepDims ? kept : shape.filter((_, axis) => !chosen[axis]));
        expect(Array.from(await y.data())).toEqual(Array.from(wanted, Math.fround));
      },
    ),
    { seed: 3 },
  );
});
