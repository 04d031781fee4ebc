// Softmax of rows against float64, for lengths around those of vectors and turns of the loops.
import { at, compile, fromHost, softmax, type Tensor, transpose, useBackend } from "@stria/core";
import { describe, expect, test } from "vitest";
import { explain } from "../src/index.ts";
import { Random } from "./support/random.ts";
import { usualBackends } from "./support/usual-backends.ts";

const backends = usualBackends();

function inDoubles(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

async function answers(data: Float32Array, shape: readonly number[]): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  for (const backend of backends) {
    await useBackend(backend);
    const f = compile((x: Tensor) => softmax(x));
    const x = fromHost(data.slice(), [...shape], "float32");
    found.push(Float32Array.from(await f(x).data()));
    expect((await explain(f, [x])).units.map(({ algorithm }) => algorithm)).toContain("softmax");
  }
  return found;
}

describe.each([1, 2, 3, 4, 5, 15, 16, 17, 67, 129])("rows of %i", (length) => {
  test.each([1, 30, 200])("with differences up to %i", async (range) => {
    const random = new Random(length + range);
    const rows = 7;
    const data = Float32Array.from(random.value([rows, length]).data, (value) => (value * range) / 3);
    const [one, three, plain] = await answers(data, [rows, length]);
    if (!one || !three || !plain) throw new Error("there are three");
    expect(three).toEqual(one);
    for (let row = 0; row < rows; row++)
      inDoubles([...data.subarray(row * length, (row + 1) * length)]).forEach((want, place) => {
        // The difference to the largest is rounded to half a unit in its last place, which is relative to the power; the rest is some roundings.
        const bound = want * (range * 2 ** -22 + 2 ** -20) + 2 ** -126;
        for (const found of [one, plain])
          expect(Math.abs(at(found, row * length + place) - want)).toBeLessThanOrEqual(bound);
      });
  });
});

test("infinities and NaN", async () => {
  const rows: readonly (readonly [row: number[], wanted: number[]])[] = [
    [
      [-Infinity, 0, 0, -Infinity, -Infinity],
      [0, 0.5, 0.5, 0, 0],
    ],
    [[Infinity, 0, 0, 0, 0], Array<number>(5).fill(NaN)],
    [Array<number>(5).fill(-Infinity), Array<number>(5).fill(NaN)],
    [[0, NaN, 0, 0, 0], Array<number>(5).fill(NaN)],
    [[0, 0, 0, 0, NaN], Array<number>(5).fill(NaN)],
    [
      [3e38, 3e38, -3e38, 0, 0],
      [0.5, 0.5, 0, 0, 0],
    ],
  ];
  const data = Float32Array.from(rows.flatMap(([row]) => row));
  for (const found of await answers(data, [6, 5])) expect([...found]).toEqual(rows.flatMap(([, wanted]) => wanted));
});

test("a turned operand, other axes and empty rows", async () => {
  for (const backend of backends) {
    await useBackend(backend);
    const x = fromHost(Float32Array.from(new Random(1).value([3, 5]).data), [3, 5], "float32");
    const turned = await compile((y: Tensor) => softmax(transpose(y)))(x).data();
    const along = await compile((y: Tensor) => transpose(softmax(y, 0)))(x).data();
    turned.forEach((value, place) => expect(value).toBeCloseTo(at(along, place), 6));
    expect(await compile((y: Tensor) => softmax(y))(fromHost(new Float32Array(0), [2, 0], "float32")).data()).toEqual(
      new Float32Array(0),
    );
  }
});
