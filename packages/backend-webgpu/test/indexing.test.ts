// Reading and writing at indices, and sorting, against the reference: small cases of every kind, and large ones that take the other ways of each kernel.
import { type Attrs, type Shape, at, sizeOf } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { references } from "@stria/core/reference";
import { afterAll, describe, expect, it } from "vitest";
import { type Case, check } from "./support/case.ts";
import { openOrReason } from "./support/device.ts";
import { Dice, type Value, toHost } from "./support/value.ts";

const opened = await openOrReason();
const backend = "backend" in opened ? opened.backend : undefined;
afterAll(() => backend?.dispose());

const every = ["float32", "int32", "uint8", "bool"] as const;
const numeric = ["float32", "int32"] as const;
/** The bits of float16 are moved like any others. */
const moved = [...every, "float16"] as const;

function expecting(name: string, inputs: readonly Value[], attrs: Attrs): Case {
  const [op, kernel] = [allOps[name], references[name]];
  if (!op || !kernel) throw new Error(`there is no op ${name}`);
  const outputs = op.infer(inputs, attrs);
  const data = kernel(inputs.map(toHost), { op, attrs, inputs, outputs });
  const expected = outputs.map((aval, index): Value => ({ ...aval, data: Array.from(at(data, index)) }));
  // Sums of a few hundred.
  return { op: name, inputs, attrs, expected, tolerance: 1e-5 };
}

/** Indices of `length` elements; one in ten is outside, near or far. */
function indices(dice: Dice, shape: Shape, length: number): Value {
  const outside = [-1, length, -length, 2 ** 31 - 1, -(2 ** 31)];
  const data = Array.from({ length: sizeOf(shape) }, () =>
    length === 0 || dice.next() < 0.1 ? dice.pick(outside) : dice.whole(0, length - 1),
  );
  return { shape, dtype: "int32", data };
}

function smallCases(dice: Dice): Case[] {
  const shape = dice.shape(dice.whole(1, 4), 1, 5);
  const axis = dice.whole(0, shape.length - 1);
  // Now and then there is nothing to read, or nothing to write.
  if (dice.next() < 0.1) shape[axis] = 0;
  const length = at(shape, axis);
  const rows = indices(dice, dice.shape(dice.whole(0, 2), 0, 4), length);
  const elements = indices(dice, shape.with(axis, dice.whole(0, 6)), length);
  const sums = dice.pick(numeric);
  return [
    expecting("take", [dice.value(shape, dice.pick(moved)), rows], { axis }),
    expecting("takeGradient", [dice.value(shape.toSpliced(axis, 1, ...rows.shape), sums), rows], { axis, length }),
    expecting("gather", [dice.value(shape, dice.pick(moved)), elements], { axis }),
    expecting("gatherGradient", [dice.value(elements.shape, sums), elements], { axis, length }),
    expecting("scatterPlaces", [elements], { axis, length }),
    expecting("argSort", [dice.value(shape, dice.pick(every))], {
      axis,
      descending: dice.next() < 0.5,
      count: dice.whole(0, length),
    }),
  ];
}

/** Many equals, and what does not compare. */
function lane(dice: Dice, shape: Shape): Value {
  const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1e-40, 2e-40, -1e-40];
  const data = Array.from({ length: sizeOf(shape) }, () =>
    dice.next() < 0.3 ? Math.fround(dice.pick(special)) : dice.whole(-40, 40),
  );
  return { shape, dtype: "float32", data };
}

describe.skipIf(!backend)(`webgpu${"reason" in opened ? ` (skipped: ${opened.reason})` : ""}`, () => {
  it("small cases of every kind", { timeout: 120_000 }, async () => {
    if (!backend) return;
    const dice = new Dice(7);
    for (let round = 0; round < 25; round++) for (const one of smallCases(dice)) await check(backend, one);
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  });

  it("lanes of several blocks are merged", { timeout: 120_000 }, async () => {
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

  it("many lanes are written one thread each", { timeout: 120_000 }, async () => {
    if (!backend) return;
    const dice = new Dice(9);
    const [length, count, row] = [200, 400, 4000];
    const rows = indices(dice, [count], length);
    const elements = indices(dice, [count, row], length);
    for (const dtype of numeric) {
      const dy = dice.value([count, row], dtype);
      await check(backend, expecting("takeGradient", [dy, rows], { axis: 0, length }));
      await check(backend, expecting("gatherGradient", [dy, elements], { axis: 0, length }));
    }
    await check(backend, expecting("scatterPlaces", [elements], { axis: 0, length }));
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  });
});
