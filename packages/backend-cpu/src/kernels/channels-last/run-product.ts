// The inner loop of the weight gradient: a tile of A'B in registers, summed over runs of pixels. Both operands have their channels side by side, so
// that a pixel is one step along the inner dimension and neither operand is transposed.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";

export interface RunTile {
  /** Elements of A, each spread over a vector. */
  readonly rows: number;
  /** Vectors of B. */
  readonly vectors: number;
  /** Multiply and add with one rounding. */
  readonly fused: boolean;
}

/** Words of a run: byte offsets of its first pixel in a panel of A and of B, pixels. */
export const runWords = 3;

/** Bytes of a tile's sums. */
export function tileBytes({ rows, vectors }: Pick<RunTile, "rows" | "vectors">): number {
  return rows * vectors * 16;
}

/**
 * Emits `(panelA, panelB, runs, endOfRuns, stepA, stepB, sums, first)`: adds the product to the sums, or, where it is the first, stores it. Steps are
 * bytes from one pixel to the next. A run has one pixel at least.
 */
export function emitRunProduct(module: ModuleBuilder, { rows, vectors, fused }: RunTile): FunctionBuilder {
  return module.function("", Array<"i32">(8).fill("i32"), [], (f) => {
    const [panelA, panelB, runs, endOfRuns, stepA, stepB, target, first] = [0, 1, 2, 3, 4, 5, 6, 7];
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local("v128")));
    const b = Array.from({ length: vectors }, () => f.local("v128"));
    const value = f.local("v128");
    const pixelA = f.local("i32");
    const pixelB = f.local("i32");
    const end = f.local("i32");
    const eachSum = (action: (sum: Local, offset: number) => void): void =>
      sums.flat().forEach((sum, index) => action(sum, index * 16));

    const pixel = (): void => {
      b.forEach((vector, j) => {
        const offset = j * 16;
        f.get(pixelB).memory("v128.load", offset).set(vector);
      });
      sums.forEach((row, i) => {
        const offset = i * 4;
        f.get(pixelA).memory("v128.load32_splat", offset).set(value);
        row.forEach((sum, j) => {
          const vector = b[j] ?? value;
          if (fused) f.get(value).get(vector).get(sum).op("f32x4.relaxed_madd").set(sum);
          else f.get(sum).get(value).get(vector).op("f32x4.mul", "f32x4.add").set(sum);
        });
      });
    };
    f.block(() =>
      f.loop(() => {
        f.get(runs).get(endOfRuns).op("i32.ge_u").branchIf(1);
        f.get(panelA).get(runs).memory("i32.load", 0).op("i32.add").set(pixelA);
        f.get(panelB).get(runs).memory("i32.load", 4).op("i32.add").tee(pixelB);
        f.get(runs).memory("i32.load", 8).get(stepB).op("i32.mul", "i32.add").set(end);
        f.loop(() => {
          pixel();
          f.get(pixelA).get(stepA).op("i32.add").set(pixelA);
          f.get(pixelB).get(stepB).op("i32.add").tee(pixelB).get(end).op("i32.lt_u").branchIf(0);
        });
        const bytes = runWords * 4;
        f.get(runs).i32(bytes).op("i32.add").set(runs).branch(0);
      }),
    );
    // What a block adds is summed apart and added as a whole: fewer roundings follow one another.
    f.get(first).op("i32.eqz");
    f.if(() => eachSum((sum, offset) => f.get(target).memory("v128.load", offset).get(sum).op("f32x4.add").set(sum)));
    eachSum((sum, offset) => f.get(target).get(sum).memory("v128.store", offset));
  });
}
