// Reading and writing at indices, and sorting, against the reference of core.
import { type Attrs, type Shape, at, sizeOf } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { references } from "@stria/core/reference";
import type { Case } from "./case.ts";
import { type Dice, type Value, toHost } from "./value.ts";

const every = ["float32", "int32", "uint8", "bool"] as const;
const numeric = ["float32", "int32"] as const;
/** The bits of float16 are moved like any others. */
const moved = [...every, "float16"] as const;

/** A case with what the reference gives. */
export function expecting(name: string, inputs: readonly Value[], attrs: Attrs): Case {
  const [op, kernel] = [allOps[name], references[name]];
  if (!op || !kernel) throw new Error(`there is no op ${name}`);
  const outputs = op.infer(inputs, attrs);
  const data = kernel(inputs.map(toHost), { op, attrs, inputs, outputs });
  const expected = outputs.map((aval, index): Value => ({ ...aval, data: Array.from(at(data, index)) }));
  // Sums of a few hundred.
  return { op: name, inputs, attrs, expected, tolerance: 1e-5 };
}

/** Indices of `length` elements; one in ten is outside, near or far. */
export function indices(dice: Dice, shape: Shape, length: number): Value {
  const outside = [-1, length, -length, 2 ** 31 - 1, -(2 ** 31)];
  const data = Array.from({ length: sizeOf(shape) }, () =>
    length === 0 || dice.next() < 0.1 ? dice.pick(outside) : dice.whole(0, length - 1),
  );
  return { shape, dtype: "int32", data };
}

/** A case of each op, small. */
export function indexingCases(dice: Dice): Case[] {
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
