// Reading and writing at indices, and sorting: small cases of every kind, and large ones that take the other ways of each kernel.
import { type Shape, sizeOf } from "@stria/core";
import { afterAll, describe, expect, it } from "vitest";
import { check } from "./support/case.ts";
import { expecting, indexingCases, indices } from "./support/cases-indexing.ts";
import { openOrReason } from "./support/device.ts";
import { Dice, type Value } from "./support/value.ts";

const opened = await openOrReason();
const backend = "backend" in opened ? opened.backend : undefined;
afterAll(() => backend?.dispose());

/** Many equals, and what does not compare. */
function lane(dice: Dice, shape: Shape): Value {
  const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, 2e-40, -1e-40];
  const data = Array.from({ length: sizeOf(shape) }, () =>
    dice.next() < 0.3 ? Math.fround(dice.pick(special)) : dice.whole(-40, 40),
  );
  return { shape, dtype: "float32", data };
}

describe.skipIf(!backend)(`webgpu${"reason" in opened ? ` (skipped: ${opened.reason})` : ""}`, () => {
  it("small cases of every kind", async () => {
    if (!backend) return;
    const dice = new Dice(7);
    for (let round = 0; round < 25; round++) for (const one of indexingCases(dice)) await check(backend, one);
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  });

  it("lanes of several blocks are merged", async () => {
    if (!backend) return;
    const dice = new Dice(8);
    for (const [shape, axis, descending, count] of [
      [[256], 0, false, 256],
      [[257], 0, true, 257],
      [[2, 511, 3], 1, false, 511],
      [[3, 1300], 1, true, 7],
      [[1025, 2], 0, false, 1025],
    ] as const)
      await check(backend, expecting("argSort", [lane(dice, shape)], { axis, descending, count }));
    const whole = dice.value([700], "int32");
    await check(backend, expecting("argSort", [whole], { axis: 0, descending: true, count: 700 }));
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  });

  it("many lanes are written one thread each", async () => {
    if (!backend) return;
    const dice = new Dice(9);
    const [length, count, row] = [200, 400, 4000];
    const rows = indices(dice, [count], length);
    const elements = indices(dice, [count, row], length);
    for (const dtype of ["float32", "int32"] as const) {
      const dy = dice.value([count, row], dtype);
      await check(backend, expecting("takeGradient", [dy, rows], { axis: 0, length }));
      await check(backend, expecting("gatherGradient", [dy, elements], { axis: 0, length }));
    }
    await check(backend, expecting("scatterPlaces", [elements], { axis: 0, length }));
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  });
});
