// Pooling to given sizes against its windows, one by one.
import { type Tensor, at, compile, sizeOf, stridesOf, tensor, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGradient, expectSecondGradient } from "../../core/test/support/differences.ts";
import { distance, distinct, uniform } from "../../core/test/support/numbers.ts";
import { adaptiveAvgPool, adaptiveMaxPool } from "../src/index.ts";

beforeAll(() => useBackend(reference()));

/** For every window, in order, the places in the plane of its elements: from floor(o n / m) to before ceil((o + 1) n / m) along each axis. */
function windows(spatial: readonly number[], sizes: readonly number[]): number[][] {
  const steps = stridesOf(spatial);
  let all: number[][] = [[0]];
  for (const [axis, count] of sizes.entries()) {
    const length = at(spatial, axis);
    all = all.flatMap((places) =>
      Array.from({ length: count }, (_, o) => {
        const [start, end] = [Math.floor((o * length) / count), Math.ceil(((o + 1) * length) / count)];
        return places.flatMap((place) =>
          Array.from({ length: end - start }, (_entry, i) => place + (start + i) * at(steps, axis)),
        );
      }),
    );
  }
  return all;
}

const problems = fc
  .array(fc.record({ length: fc.integer({ min: 1, max: 9 }), count: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((axes) => ({ spatial: axes.map(({ length }) => length), sizes: axes.map(({ count }) => count) }));

describe("windows are PyTorch's, for any sizes", () => {
  it("means", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ spatial, sizes }) => {
        const x = uniform([1, 2, ...spatial], 1);
        const [data, plane] = [await x.data(), sizeOf(spatial)];
        const wanted = [0, 1].flatMap((channel) =>
          windows(spatial, sizes).map(
            (places) => places.reduce((sum, place) => sum + at(data, channel * plane + place), 0) / places.length,
          ),
        );
        const golden = tensor(Float32Array.from(wanted), { shape: [1, 2, ...sizes] });
        expect(await distance(adaptiveAvgPool(x, sizes), golden)).toBeLessThan(1e-6);
      }),
    );
  });

  it("maxima, and their places", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.boolean(), async ({ spatial, sizes }, ties) => {
        const random = distinct([2, 1, ...spatial], 2);
        const x = ties ? random.mul(0.2).cast("int32").cast("float32") : random;
        const [data, plane] = [await x.data(), sizeOf(spatial)];
        const winners = [0, 1].flatMap((example) =>
          windows(spatial, sizes).map((places) =>
            // Places are not in the order of the plane where there are several axes: of equals the first of the plane wins.
            places.reduce((best, place) => {
              const [value, top] = [at(data, example * plane + place), at(data, example * plane + best)];
              return value > top || (value === top && place < best) ? place : best;
            }),
          ),
        );
        const { values, indices } = adaptiveMaxPool(x, sizes);
        expect([...(await indices.data())]).toEqual(winners);
        const count = sizeOf(sizes);
        const wanted = winners.map((place, index) => at(data, Math.floor(index / count) * plane + place));
        expect([...(await values.data())]).toEqual(wanted);
      }),
    );
  });
});

describe("gradients of both orders", () => {
  it.each<[string, number[], number[]]>([
    ["over one axis", [1, 2, 5], [3]],
    ["over two axes, one of them even", [1, 1, 6, 5], [3, 3]],
    ["to more windows than elements", [1, 1, 2, 3], [3, 5]],
    ["over three axes", [1, 1, 3, 2, 4], [2, 2, 3]],
  ])("%s", async (_, shape, sizes) => {
    expect(adaptiveAvgPool(zeros(shape), sizes).shape.slice(2)).toEqual(sizes);
    await expectGradient((x) => adaptiveAvgPool(x, sizes), [uniform(shape, 3)]);
    await expectSecondGradient((x) => adaptiveAvgPool(x, sizes).square(), [uniform(shape, 4)]);
    await expectGradient((x) => adaptiveMaxPool(x, sizes).values, [distinct(shape, 5)]);
    await expectSecondGradient((x) => adaptiveMaxPool(x, sizes).values.square(), [distinct(shape, 6)]);
  });
});

describe("special cases", () => {
  it("NaN and infinity stay in their windows", async () => {
    const x = tensor([[[1, 2, Number.NaN, 4, Infinity]]]);
    expect([...(await adaptiveAvgPool(x, 3).data())]).toEqual([1.5, Number.NaN, Infinity]);
    const { values, indices } = adaptiveMaxPool(x, 3);
    expect([...(await values.data())]).toEqual([2, Number.NaN, Infinity]);
    expect([...(await indices.data())]).toEqual([1, 2, 4]);
  });

  it("an axis without a size stays", () => {
    expect(adaptiveAvgPool(zeros([1, 1, 5, 4]), [null, 3]).shape).toEqual([1, 1, 5, 3]);
    expect(adaptiveMaxPool(zeros([1, 1, 5, 4]), [3, null]).indices.shape).toEqual([1, 1, 3, 4]);
  });

  it("windows that are equal cost one pooling, no reading at indices", () => {
    const ops = (f: (x: Tensor) => Tensor): string[] =>
      compile(f).graph(zeros([1, 1, 6, 8])).nodes.map((node) => node.op.name); // prettier-ignore
    expect(ops((x) => adaptiveAvgPool(x, [3, 2]))).toEqual(["avgPool"]);
    expect(ops((x) => adaptiveMaxPool(x, [3, 2]).values)).toEqual(["maxPool"]);
  });

  it("says what is wrong", () => {
    expect(() => adaptiveAvgPool(zeros([1, 1, 6]), [3, 3])).toThrow("adaptiveAvgPool: 2 sizes for 1 spatial axes");
    expect(() => adaptiveAvgPool(zeros([1, 1, 6]), 0)).toThrow("size is 0");
    expect(() => adaptiveMaxPool(zeros([1, 1, 6]), [1.5])).toThrow("adaptiveMaxPool: size is 1.5");
    expect(() => adaptiveMaxPool(zeros([6, 6]), 2)).toThrow("the input is [6, 6]");
  });
});
