// The product in the middle of a Winograd convolution: the transformed tiles of a plane times its transformed weights. Tiles lie in chunks of four
// channels, [chunk][tile][4], so that the code does not depend on the number of channels.
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { tileColumns, type Tile } from "../tile.ts";

/** Bytes from one tile to the next within a chunk. */
export const tileBytes = 16;

/**
 * Emits `(a, b, c, pitch, chunks)` for `rows` tiles: c = a b, where a and c are chunks `pitch` bytes apart and b is a packed panel of four rows for
 * each chunk of a.
 */
function emitRows(module: ModuleBuilder, tile: Tile, rows: number): FunctionBuilder {
  const { vectors } = tile;
  const stepBytes = tileColumns(tile) * 4;
  return module.function("", Array<"i32">(5).fill("i32"), [], (f) => {
    const [a, b, c, pitch, chunks] = [0, 1, 2, 3, 4];
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local("v128")));
    const columns = Array.from({ length: vectors }, () => f.local("v128"));
    const element = f.local("v128");
    const end = f.local("i32");
    const chunkEnd = f.local("i32");
    const step = (aOffset: number, bOffset: number, lane: number): void => {
      columns.forEach((vector, j) =>
        f
          .get(b)
          .memory("v128.load", bOffset + j * 16)
          .set(vector),
      );
      sums.forEach((row, i) => {
        if (tile.broadcast === "load")
          f.get(a)
            .memory("v128.load32_splat", i * tileBytes + aOffset)
            .set(element);
        else
          f.get(a)
            .memory("v128.load", i * tileBytes)
            .tee(element)
            .get(element)
            .shuffle(lane, lane, lane, lane)
            .set(element);
        row.forEach((sum, j) => {
          const column = at(columns, j);
          if (tile.fused) f.get(element).get(column).get(sum).op("f32x4.relaxed_madd").set(sum);
          else f.get(sum).get(element).get(column).op("f32x4.mul", "f32x4.add").set(sum);
        });
      });
    };
    f.get(b)
      .get(chunks)
      .i32(4 * stepBytes)
      .op("i32.mul", "i32.add")
      .set(end);
    f.loop(() => {
      // Engines that like short loops get one step at a time; a shuffle needs its lane to be constant.
      if (tile.unroll > 1 || tile.broadcast === "shuffle") {
        for (let lane = 0; lane < 4; lane++) step(lane * 4, lane * stepBytes, lane);
        f.get(a).get(pitch).op("i32.add").set(a);
        f.get(b)
          .i32(4 * stepBytes)
          .op("i32.add")
          .set(b);
      } else {
        f.get(a).i32(16).op("i32.add").set(chunkEnd);
        f.loop(() => {
          step(0, 0, 0);
          f.get(b).i32(stepBytes).op("i32.add").set(b);
          f.get(a).i32(4).op("i32.add").tee(a).get(chunkEnd).op("i32.lt_u").branchIf(0);
        });
        f.get(a).get(pitch).op("i32.add").i32(16).op("i32.sub").set(a);
      }
      f.get(b).get(end).op("i32.lt_u").branchIf(0);
    });
    for (let j = 0; j < vectors; j++) {
      sums.forEach((row, i) =>
        f
          .get(c)
          .get(at(row, j))
          .memory("v128.store", i * tileBytes),
      );
      if (j + 1 < vectors) f.get(c).get(pitch).op("i32.add").set(c);
    }
  });
}

/**
 * Emits `(a, b, c, pitch, chunks, tiles, panels)`: all tiles of one plane times a number of panels. The tiles are divided into groups of nearly equal
 * size: few rows in one group would leave the multipliers idle.
 */
export function emitPlaneProduct(module: ModuleBuilder, tile: Tile): FunctionBuilder {
  const variants = Array.from({ length: tile.rows }, (_, index) => emitRows(module, tile, index + 1));
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [a, b, c, pitch, chunks, tiles, panels] = [0, 1, 2, 3, 4, 5, 6];
    const panel = f.local("i32");
    const group = f.local("i32");
    const groups = f.local("i32");
    const least = f.local("i32");
    const larger = f.local("i32");
    const rows = f.local("i32");
    const place = f.local("i32");
    f.get(tiles)
      .i32(tile.rows - 1)
      .op("i32.add")
      .i32(tile.rows)
      .op("i32.div_u")
      .set(groups);
    f.get(tiles).get(groups).op("i32.div_u").set(least);
    f.get(tiles).get(groups).op("i32.rem_u").set(larger);
    f.i32(0).for(
      panel,
      () => f.get(panels),
      1,
      () => {
        f.i32(0).set(place);
        f.i32(0).for(
          group,
          () => f.get(groups),
          1,
          () => {
            f.get(least).get(group).get(larger).op("i32.lt_u", "i32.add").set(rows);
            f.block(() => {
              for (let count = tile.rows; count > 0; count--) {
                f.get(rows)
                  .i32(count)
                  .op("i32.eq")
                  .if(() => {
                    f.get(a).get(place).op("i32.add").get(b).get(c).get(place).op("i32.add").get(pitch).get(chunks);
                    f.call(at(variants, count - 1)).branch(1);
                  });
              }
            });
            f.get(place).get(rows).i32(tileBytes).op("i32.mul", "i32.add").set(place);
          },
        );
        f.get(b)
          .get(chunks)
          .i32(tileColumns(tile) * 16)
          .op("i32.mul", "i32.add")
          .set(b);
        f.get(c).get(pitch).i32(tile.vectors).op("i32.mul", "i32.add").set(c);
      },
    );
  });
}
