// The product in the middle of a Winograd weight gradient: the sum over tiles of channels times outputs. Both lie as [tile][channel], so neither is
// packed.
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { tileColumns, type Tile } from "../tile.ts";

/** Bytes from one tile to the next in the two factors; the latter is also the distance of the result's rows. */
export interface Pitches {
  readonly channels: number;
  readonly outputs: number;
}

/** Emits `(a, b, c, tiles, fresh)` for `rows` channels: c = a' b where `fresh`, else c += a' b. */
function emitRows(module: ModuleBuilder, tile: Tile, rows: number, pitches: Pitches): FunctionBuilder {
  return module.function("", Array<"i32">(5).fill("i32"), [], (f) => {
    const [a, b, c, tiles, fresh] = [0, 1, 2, 3, 4];
    const sums = Array.from({ length: rows }, () => Array.from({ length: tile.vectors }, () => f.local("v128")));
    const columns = Array.from({ length: tile.vectors }, () => f.local("v128"));
    const element = f.local("v128");
    const end = f.local("i32");
    const eachSum = (visit: (sum: number, offset: number) => void): void =>
      sums.forEach((row, i) => row.forEach((sum, j) => visit(sum, i * pitches.outputs + j * 16)));
    f.get(fresh)
      .op("i32.eqz")
      .if(() => eachSum((sum, offset) => f.get(c).memory("v128.load", offset).set(sum)));
    // One tile a turn: more in a row were no faster on any engine, and offsets stay short.
    f.get(b).get(tiles).i32(pitches.outputs).op("i32.mul", "i32.add").set(end);
    f.loop(() => {
      columns.forEach((vector, j) =>
        f
          .get(b)
          .memory("v128.load", j * 16)
          .set(vector),
      );
      sums.forEach((row, i) => {
        f.get(a)
          .memory("v128.load32_splat", i * 4)
          .set(element);
        row.forEach((sum, j) => {
          const column = at(columns, j);
          if (tile.fused) f.get(element).get(column).get(sum).op("f32x4.relaxed_madd").set(sum);
          else f.get(sum).get(element).get(column).op("f32x4.mul", "f32x4.add").set(sum);
        });
      });
      f.get(a).i32(pitches.channels).op("i32.add").set(a);
      f.get(b).i32(pitches.outputs).op("i32.add").tee(b).get(end).op("i32.lt_u").branchIf(0);
    });
    eachSum((sum, offset) => f.get(c).get(sum).memory("v128.store", offset));
  });
}

/**
 * Emits `(a, b, c, tiles, fresh, channels, panels)`: one plane's product. The channels are divided into groups of nearly equal size: few rows in one
 * group would leave the multipliers idle.
 */
export function emitDepthProduct(module: ModuleBuilder, tile: Tile, pitches: Pitches): FunctionBuilder {
  const variants = Array.from({ length: tile.rows }, (_, index) => emitRows(module, tile, index + 1, pitches));
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [a, b, c, tiles, fresh, channels, panels] = [0, 1, 2, 3, 4, 5, 6];
    const panel = f.local("i32");
    const channel = f.local("i32");
    const group = f.local("i32");
    const groups = f.local("i32");
    const rows = f.local("i32");
    f.get(channels)
      .i32(tile.rows - 1)
      .op("i32.add")
      .i32(tile.rows)
      .op("i32.div_u")
      .set(groups);
    f.i32(0).for(
      panel,
      () => f.get(panels),
      1,
      () => {
        f.i32(0).set(channel);
        f.i32(0).for(
          group,
          () => f.get(groups),
          1,
          () => {
            f.get(channels).get(groups).op("i32.div_u").get(group).get(channels).get(groups);
            f.op("i32.rem_u", "i32.lt_u", "i32.add").set(rows);
            f.block(() => {
              for (let count = tile.rows; count > 0; count--) {
                f.get(rows)
                  .i32(count)
                  .op("i32.eq")
                  .if(() => {
                    f.get(a).plus(channel, 4).get(b).get(c).plus(channel, pitches.outputs).get(tiles).get(fresh);
                    f.call(at(variants, count - 1)).branch(1);
                  });
              }
            });
            f.get(channel).get(rows).op("i32.add").set(channel);
          },
        );
        for (const factor of [b, c])
          f.get(factor)
            .i32(tileColumns(tile) * 4)
            .op("i32.add")
            .set(factor);
      },
    );
  });
}
