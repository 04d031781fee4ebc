// Writes the sums of a tile to where they belong in a weight, which is row-major: a transposition in small.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { namedLocals } from "../kernel.ts";

/**
 * Emits `(sums, tileBytes, target, rowOffsets, rows, columnOffsets, columns, width, taps, endOfTaps)`: element `[row][column]` of the tile of an
 * element of the kernel goes to the sum of three byte offsets from tables. `width` is the columns of a row in memory, `columns` how many are valid,
 * maybe more than there are.
 */
export function emitTileScatter(module: ModuleBuilder): FunctionBuilder {
  return module.function("", Array<"i32">(10).fill("i32"), [], (f) => {
    const [sums, tile, target, rowOffsets, rows, columnOffsets, columns, width, taps, endOfTaps] = [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ];
    const v = namedLocals(f, "i32", ["column", "valid", "row", "from", "tap", "place"]);
    const lanes = [0, 1, 2, 3].map(() => f.local("i32"));
    const value = f.local("v128");
    const storeLane = (lane: number): void => {
      f.get(lanes[lane] ?? 0)
        .get(v.place)
        .op("i32.add")
        .get(value)
        .laneMemory("v128.store32_lane", lane, 0);
    };
    f.get(columns).get(width).get(columns).get(width).op("i32.lt_u", "select").set(columns);
    f.i32(0).for(
      v.column,
      () => f.get(columns),
      4,
      () => {
        f.get(columns).get(v.column).op("i32.sub").set(v.valid);
        lanes.forEach((address, lane) => {
          const offset = lane * 4;
          f.get(target).get(columnOffsets).plus(v.column, 4).memory("i32.load", offset).op("i32.add").set(address);
        });
        f.i32(0).for(
          v.row,
          () => f.get(rows),
          1,
          () => {
            f.get(v.row).get(width).op("i32.mul").get(v.column).op("i32.add").i32(4).op("i32.mul");
            f.get(sums).op("i32.add").set(v.from);
            f.get(taps).for(
              v.tap,
              () => f.get(endOfTaps),
              4,
              () => {
                f.get(rowOffsets).plus(v.row, 4).memory("i32.load").get(v.tap).memory("i32.load").op("i32.add");
                f.set(v.place);
                f.get(v.from).memory("v128.load").set(value);
                f.get(v.valid).i32(4).op("i32.ge_u");
                f.if(
                  () => lanes.forEach((_, lane) => storeLane(lane)),
                  () => {
                    storeLane(0);
                    for (const lane of [1, 2]) {
                      f.get(v.valid).i32(lane).op("i32.gt_u");
                      f.if(() => storeLane(lane));
                    }
                  },
                );
                f.get(v.from).get(tile).op("i32.add").set(v.from);
              },
            );
          },
        );
      },
    );
  });
}
