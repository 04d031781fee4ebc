// Packs several panels of columns in one pass where they are one run of memory: at a large pitch each line of a cache is then fetched once, and not once
// for every panel that it feeds.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { pushRun } from "./pack.ts";

/** Panels that are packed in one pass: 128 bytes of a row, where panels have eight columns. */
export const panelsPerRun = 4;

/**
 * Emits `(base, across, along, depth, destination): i32`, parameters like those of a packer: packs `panelsPerRun` panels of `width` columns, a multiple of
 * four, one behind the other, and returns 1; or returns 0 and does nothing where the columns are not neighbours in memory.
 */
export function emitRunPacker(module: ModuleBuilder, width: number): FunctionBuilder {
  return module.function("", ["i32", "i32", "i32", "i32", "i32"], ["i32"], (f) => {
    const [base, across, along, depth, destination] = [0, 1, 2, 3, 4];
    const [from, end] = [f.local("i32"), f.local("i32")];
    const targets = Array.from({ length: panelsPerRun }, (_, panel) => (panel === 0 ? destination : f.local("i32")));
    pushRun(f, across, panelsPerRun * width);
    f.op("i32.eqz").if(() => f.i32(0).op("return"));
    f.get(base).get(across).memory("i32.load").op("i32.add").set(base);
    targets.forEach((target, panel) => {
      const before = targets[panel - 1];
      if (before !== undefined)
        f.get(before)
          .plus(depth, width * 4)
          .set(target);
    });
    f.get(along).plus(depth, 4).set(end);
    f.get(along).for(
      along,
      () => f.get(end),
      4,
      () => {
        f.get(base).get(along).memory("i32.load").op("i32.add").set(from);
        targets.forEach((target, panel) => {
          for (let column = 0; column < width; column += 4)
            f.get(target)
              .get(from)
              .memory("v128.load", (panel * width + column) * 4)
              .memory("v128.store", column * 4);
          f.get(target)
            .i32(width * 4)
            .op("i32.add")
            .set(target);
        });
      },
    );
    f.i32(1);
  });
}
