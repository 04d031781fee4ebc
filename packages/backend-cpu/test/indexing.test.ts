// Reading and writing at indices and sorting, for all dtypes, short and long lanes, indices outside, against the reference; and the same bits on
// any number of threads.
import { type Shape, at, sizeOf } from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { disagreement, runNode, specOf } from "./support/agree.ts";
import { Random, type Value } from "./support/random.ts";

const backend = await cpu({ threads: 2 });
const all = ["float32", "int32", "uint8", "bool"] as const;

function indices(random: Random, shape: Shape, length: number): Value {
  const data = Int32Array.from({ length: sizeOf(shape) }, () =>
    random.chance(0.1) ? random.pick([-1, length, -(2 ** 31), 2 ** 31 - 1, -length]) : random.integer(0, length - 1),
  );
  return { data, aval: { shape, dtype: "int32" } };
}

/** Shapes whose axis or whose rows are long enough for vectors and for several threads, or short. */
function lanes(random: Random): { shape: number[]; axis: number; length: number; count: number } {
  const shape = random.shape(random.integer(1, 3), 6);
  const axis = random.integer(0, shape.length - 1);
  const long = random.pick([axis, random.integer(0, shape.length - 1)]);
  if (random.chance(0.75)) shape[long] = random.integer(13, long === axis ? 400 : 150);
  return { shape, axis, length: at(shape, axis), count: random.pick([1, 7, 3000]) };
}

test("reading rows and elements", async () => {
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 80; seed++) {
    const random = new Random(seed);
    const { shape, axis, length, count } = lanes(random);
    const x = random.value(shape, random.pick(all), "special");
    const rows = indices(random, random.pick([[], [count], [2, 3]]), length);
    differences.push(await disagreement(backend, "take", [x, rows], { axis }, {}));
    const elements = indices(random, shape.with(axis, Math.min(count, 90)), length);
    differences.push(await disagreement(backend, "gather", [x, elements], { axis }, {}));
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
});

test("adding rows and elements, and noting places", async () => {
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 80; seed++) {
    const random = new Random(seed);
    const { shape, axis, length, count } = lanes(random);
    const dtype = random.pick(["float32", "int32"] as const);
    const tolerance = { relative: 1e-5, ofLargest: 1e-6 };
    const rows = indices(random, random.pick([[], [count], [2, 3]]), length);
    const dy = random.value(shape.toSpliced(axis, 1, ...rows.aval.shape), dtype);
    differences.push(await disagreement(backend, "takeGradient", [dy, rows], { axis, length }, tolerance));
    const elements = indices(random, shape.with(axis, Math.min(count, 90)), length);
    const each = random.value(elements.aval.shape, dtype);
    differences.push(await disagreement(backend, "gatherGradient", [each, elements], { axis, length }, tolerance));
    differences.push(await disagreement(backend, "scatterPlaces", [elements], { axis, length }, {}));
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
});

test("sorting lanes of every length, with equals, NaN and both zeros", async () => {
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 120; seed++) {
    const random = new Random(seed);
    const { shape, axis } = lanes(random);
    const length = random.pick([1, 2, 3, 63, 64, 65, 300]);
    const x = random.value(shape.with(axis, length), random.pick(all), random.pick(["plain", "special"]));
    if (random.chance(0.5)) for (const [index, value] of x.data.entries()) x.data[index] = Math.round(value);
    const attrs = { axis, descending: random.chance(0.5), count: random.pick([length, 1, Math.ceil(length / 2)]) };
    differences.push(await disagreement(backend, "argSort", [x], attrs, {}));
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
});

test("integers of any size are sorted by value", async () => {
  for (const length of [20, 200]) {
    const random = new Random(length);
    const data = Int32Array.from({ length }, () => Math.floor((random.next() - 0.5) * 2 ** 32));
    const x: Value = { data, aval: { shape: [length], dtype: "int32" } };
    const attrs = { axis: 0, descending: false, count: length };
    expect(await disagreement(backend, "argSort", [x], attrs, {})).toBeUndefined();
  }
});

test("sums have the same bits on any number of threads", async () => {
  const random = new Random(3);
  const [length, count] = [400, 20_000];
  const dy = random.value([count, 5]);
  const rows = indices(random, [count], length);
  const elements = indices(random, [count, 5], length);
  for (const [name, places] of [
    ["takeGradient", rows],
    ["gatherGradient", elements],
  ] as const) {
    const results = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const one = await cpu({ threads });
        const found = at(await runNode(one, specOf(name, [dy, places], { axis: 0, length }), [dy, places]), 0);
        one.dispose();
        return found;
      }),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  }
});
