// Stores a tile of the product whose columns do not lie side by side in C: the end of a row, the border between images, the phases of a stride.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import type { Epilogue } from "./micro-kernel.ts";

/** Emits `(tile, rows, columns, table, c, rowStride, first, last, bias)`: adds a tile, column by column, to where its elements belong. */
export function emitScatter(module: ModuleBuilder, width: number, epilogue: Epilogue): FunctionBuilder {
  const parameters = Array<"i32">(9).fill("i32");
  return module.function("", parameters, [], (f) => {
    const [tile, rows, columns, table, c, rowStride, first, last, bias] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const i = f.local("i32");
    const j = f.local("i32");
    const address = f.local("i32");
    const value = f.local("f32");
    f.i32(0).for(
      i,
      () => f.get(rows),
      1,
      () => {
        f.i32(0).for(
          j,
          () => f.get(columns),
          1,
          () => {
            f.get(c).get(table).plus(j, 4).memory("i32.load").op("i32.add").set(address);
            f.get(tile).plus(j, 4).memory("f32.load").set(value);
            f.get(first)
              .op("i32.eqz")
              .if(() => f.get(value).get(address).memory("f32.load").op("f32.add").set(value));
            if (epilogue.bias !== "none" || epilogue.relu)
              f.get(last).if(() => {
                if (epilogue.bias !== "none")
                  f.get(value)
                    .get(bias)
                    .plus(epilogue.bias === "row" ? i : j, 4)
                    .memory("f32.load")
                    .op("f32.add")
                    .set(value);
                if (epilogue.relu) f.get(value).f32(0).op("f32.max").set(value);
              });
            f.get(address).get(value).memory("f32.store");
          },
        );
        f.get(tile)
          .i32(width * 4)
          .op("i32.add")
          .set(tile);
        f.get(c).get(rowStride).op("i32.add").set(c);
      },
    );
  });
}
