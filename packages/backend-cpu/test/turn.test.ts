// Copies between orders of memory, for sizes around those of blocks, of whole buffers and of parts.
import { at, sizeOf, stridesOf } from "@stria/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pool } from "../src/pool/pool.ts";
import { addMap } from "../src/program/elementwise.ts";
import { ProgramBuilder } from "../src/program/steps.ts";
import { permute, slice, wholeView } from "../src/program/view.ts";
import { prepareProgram, startPool } from "./run-program.ts";
import { Random } from "./support/random.ts";

const pools: Pool[] = [];
beforeAll(async () => {
  for (const threads of [1, 3]) pools.push(await startPool(threads));
});
afterAll(() => {
  for (const pool of pools) pool.dispose();
});

/** Matrices of planes to pixels, out of the middle of wider ones and into the middle of wider ones. */
async function turned(pool: Pool, sizes: readonly number[], margin: number, data: Float32Array) {
  const dtype = "float32";
  const wide = sizes.map((size) => size + 2 * margin);
  const part = (shape: readonly number[]) =>
    slice(
      wholeView(shape),
      shape.map(() => margin),
      shape.map((size) => size - 2 * margin),
      shape.map(() => 1),
    );
  const builder = new ProgramBuilder(pool.threads);
  const source = builder.constant(data);
  const order = [0, 2, 1];
  const target = builder.local(sizeOf(wide) * 4);
  const view = part(order.map((axis) => at(wide, axis)));
  addMap(
    builder,
    view.shape,
    [{ buffer: source, dtype, view: permute(part(wide), order) }],
    [{ op: "load", operand: 0, dtype }],
    [{ buffer: target, dtype, view, expression: 0 }],
  );
  expect(builder.steps.map(({ kernel }) => kernel.key)).toEqual(["turn"]);
  const program = prepareProgram(pool, builder);
  program.run();
  const found = await program.read(target);
  expect(await program.damaged()).toEqual([]);
  program.dispose();
  return { found, view };
}

test.each([
  [1, 4, 4, 0],
  [2, 5, 16, 0],
  [3, 16, 17, 0],
  [2, 33, 19, 0],
  [1, 7, 64, 1],
  [3, 18, 6, 2],
  [2, 36, 35, 1],
])("%i matrices of %i by %i, %i elements around them", async (matrices, rows, columns, margin) => {
  const sizes = [matrices, rows, columns];
  const wide = sizes.map((size) => size + 2 * margin);
  const data = Float32Array.from(new Random(rows).value([sizeOf(wide)]).data);
  for (const pool of pools) {
    const { found, view } = await turned(pool, sizes, margin, data);
    const pitch = stridesOf(wide);
    const written = new Set<number>();
    for (let matrix = 0; matrix < matrices; matrix++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const from = [matrix, row, column].reduce((sum, index, axis) => sum + (index + margin) * at(pitch, axis), 0);
          const to =
            view.offset + [matrix, column, row].reduce((sum, index, axis) => sum + index * at(view.strides, axis), 0);
          expect(at(found, to)).toBe(at(data, from));
          written.add(to);
        }
    // The memory was filled with NaN.
    expect([...found].filter((value, place) => !written.has(place) && !Number.isNaN(value))).toEqual([]);
  }
});
