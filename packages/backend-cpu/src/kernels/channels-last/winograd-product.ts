// The product in the middle of a Winograd convolution: the transformed tiles of a plane times its transformed weights. Channels lie in groups that fill a
// cache line, [group][tile][channel of the group], so that lines are written whole and the code does not depend on the number of channels.
import { outputGroup, panelsPerGroup, tileBytes } from "./winograd-scratch.ts";
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { tileColumns, type Tile } from "../tile.ts";
import { pushLesser } from "./winograd-arguments.ts";

/**
 * Emits `(a, b, c, pitch, chunks)` for `rows` tiles: c = a b, where the groups of a are `pitch` bytes apart and b is a packed panel of four rows for
 * each vector of a.
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
    const groupEnd = f.local("i32");
    const step = (lane: number): void => {
      columns.forEach((vector, j) =>
        f
          .get(b)
          .memory("v128.load", lane * stepBytes + j * 16)
          .set(vector),
      );
      sums.forEach((row, i) => {
        if (tile.broadcast === "load")
          f.get(a)
            .memory("v128.load32_splat", i * tileBytes + lane * 4)
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
    // Engines that like short loops get one step a turn; a shuffle needs its lane to be constant.
    const turn = tile.unroll > 1 || tile.broadcast === "shuffle" ? 4 : 1;
    f.get(b)
      .get(chunks)
      .i32(4 * stepBytes)
      .op("i32.mul", "i32.add")
      .set(end);
    f.loop(() => {
      pushLesser(
        f,
        () =>
          f
            .get(b)
            .i32((tileBytes / 4) * stepBytes)
            .op("i32.add"),
        () => f.get(end),
      );
      f.set(groupEnd);
      f.loop(() => {
        for (let lane = 0; lane < turn; lane++) step(lane);
        f.get(a)
          .i32(turn * 4)
          .op("i32.add")
          .set(a);
        f.get(b)
          .i32(turn * stepBytes)
          .op("i32.add")
          .tee(b)
          .get(groupEnd)
          .op("i32.lt_u")
          .branchIf(0);
      });
      f.get(a).get(pitch).op("i32.add").i32(tileBytes).op("i32.sub").set(a);
      f.get(b).get(end).op("i32.lt_u").branchIf(0);
    });
    sums.forEach((row, i) =>
      row.forEach((sum, j) =>
        f
          .get(c)
          .get(sum)
          .memory("v128.store", (i * outputGroup(tile) + j) * 16),
      ),
    );
  });
}

/**
 * Emits `(a, b, c, pitch, chunks, tiles, panels, outputPitch)`: all tiles of one plane times a number of panels; groups of a and of c are so many bytes
 * apart. The tiles are divided into blocks of nearly equal size: few rows in one block would leave the multipliers idle.
 */
export function emitPlaneProduct(module: ModuleBuilder, tile: Tile): FunctionBuilder {
  const variants = Array.from({ length: tile.rows }, (_, index) => emitRows(module, tile, index + 1));
  return module.function("", Array<"i32">(8).fill("i32"), [], (f) => {
    const [a, b, c, pitch, chunks, tiles, panels, outputPitch] = [0, 1, 2, 3, 4, 5, 6, 7];
    const panel = f.local("i32");
    const group = f.local("i32");
    const groups = f.local("i32");
    const least = f.local("i32");
    const larger = f.local("i32");
    const rows = f.local("i32");
    const place = f.local("i32");
    const target = f.local("i32");
    const perGroup = panelsPerGroup(tile);
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
        f.get(c).get(panel).i32(perGroup).op("i32.div_u").get(outputPitch).op("i32.mul", "i32.add");
        f.get(panel).i32(perGroup).op("i32.rem_u");
        f.i32(tile.vectors * 16)
          .op("i32.mul", "i32.add")
          .set(target);
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
                    f.get(a)
                      .plus(place, tileBytes)
                      .get(b)
                      .get(target)
                      .plus(place, outputGroup(tile) * 16);
                    f.get(pitch)
                      .get(chunks)
                      .call(at(variants, count - 1))
                      .branch(1);
                  });
              }
            });
            f.get(place).get(rows).op("i32.add").set(place);
          },
        );
        f.get(b)
          .get(chunks)
          .i32(tileColumns(tile) * 16)
          .op("i32.mul", "i32.add")
          .set(b);
      },
    );
  });
}
