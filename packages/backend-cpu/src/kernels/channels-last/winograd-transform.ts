// A transform M X M' of small images, four channels at a time, one pass over columns and one over rows.
import { at } from "@stria/core";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { LinearEmitter, planLinearMap } from "./linear-map.ts";
import type { Matrix } from "./winograd-matrices.ts";

/** Bytes between the passes: the largest image is 6 x 6. */
export const betweenBytes: number = 36 * 16;

/** What a transform reads and writes: `load` pushes element (row, column) of X, `store` takes that of the result. */
export interface Elements {
  load(row: number, column: number): void;
  store(row: number, column: number, push: () => void): void;
}

/** Emits the constants of a transform, and returns what emits the transform itself. `between` is the address of memory between the passes. */
export function transformEmitter(
  f: FunctionBuilder,
  matrix: Matrix,
  fused: boolean,
  between: Local,
): (elements: Elements) => void {
  const plan = planLinearMap(matrix);
  const emitter = new LinearEmitter(f, plan, fused);
  const size = plan.inputs;
  return ({ load, store }) => {
    for (let column = 0; column < size; column++) {
      for (let row = 0; row < size; row++) {
        load(row, column);
        f.set(at(emitter.inputs, row));
      }
      emitter.run((row, push) => {
        f.get(between);
        push();
        f.memory("v128.store", (row * size + column) * 16);
      });
    }
    for (let row = 0; row < plan.rows.length; row++) {
      for (let column = 0; column < size; column++)
        f.get(between)
          .memory("v128.load", (row * size + column) * 16)
          .set(at(emitter.inputs, column));
      emitter.run((column, push) => store(row, column, push));
    }
  };
}
