// A transform M X M' of small images, four channels at a time, one pass over columns and one over rows.
import { largestImage, vectorsTogether } from "./winograd-scratch.ts";
import { at } from "@stria/core";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { pushLesser } from "./winograd-arguments.ts";
import { LinearEmitter, planLinearMap } from "./linear-map.ts";
import type { Matrix } from "./winograd-matrices.ts";

/** What a transform reads and writes: `load` pushes element (row, column) of X, `store` takes that of the result. */
export interface Elements {
  load(row: number, column: number): void;
  store(row: number, column: number, push: () => void): void;
  /** Emitted where a column is begun that is read, and a row that is written, ahead of all their vectors. */
  column?(column: number): void;
  row?(row: number): void;
  /** Emitted before the first vector, and between one and the next: `load` and `store` are those of the vector at hand. */
  first?(): void;
  next?(): void;
}

/**
 * Emits the constants of a transform, and returns what emits the transform itself. `between` is the address of memory between the passes. With
 * `vectors`, a number from 1 to 4, that many are transformed side by side.
 */
export function transformEmitter(
  f: FunctionBuilder,
  matrix: Matrix,
  fused: boolean,
  between: Local,
  vectors?: Local,
): (elements: Elements) => void {
  const plan = planLinearMap(matrix);
  const emitter = new LinearEmitter(f, plan, fused);
  const size = plan.inputs;
  const image = vectors === undefined ? between : f.local("i32");
  const left = f.local("i32");
  return ({ load, store, column: beginColumn, row: beginRow, first, next }) => {
    const eachVector = (body: () => void): void => {
      if (vectors === undefined) return body();
      f.get(between).set(image).get(vectors).set(left);
      first?.();
      f.loop(() => {
        body();
        next?.();
        f.get(image).i32(largestImage).op("i32.add").set(image);
        f.get(left).i32(1).op("i32.sub").tee(left).branchIf(0);
      });
    };
    for (let column = 0; column < size; column++) {
      beginColumn?.(column);
      eachVector(() => {
        for (let row = 0; row < size; row++) {
          load(row, column);
          f.set(at(emitter.inputs, row));
        }
        emitter.run((row, push) => {
          f.get(image);
          push();
          f.memory("v128.store", (row * size + column) * 16);
        });
      });
    }
    for (let row = 0; row < plan.rows.length; row++) {
      beginRow?.(row);
      eachVector(() => {
        for (let column = 0; column < size; column++)
          f.get(image)
            .memory("v128.load", (row * size + column) * 16)
            .set(at(emitter.inputs, column));
        emitter.run((column, push) => store(row, column, push));
      });
    }
  };
}

/**
 * Emits a loop over the vectors between two byte offsets, as many at a time as go together, at most `most`; their number is put into `vectors`, and the
 * offset of the first into `offset`.
 */
export function eachVectors(
  f: FunctionBuilder,
  [from, to]: readonly [Local, Local],
  offset: Local,
  vectors: Local,
  body: () => void,
  most: number = vectorsTogether,
): void {
  f.get(from).for(
    offset,
    () => f.get(to),
    most * 16,
    () => {
      pushLesser(
        f,
        () => f.get(to).get(offset).op("i32.sub").i32(4).op("i32.shr_u"),
        () => f.i32(most),
      );
      f.set(vectors);
      body();
    },
  );
}
