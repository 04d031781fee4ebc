// From pixels to planes: the first pass of every Winograd product, over the tiles of a block.
import { planeStride } from "./winograd-scratch.ts";
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import type { Matrix } from "./winograd-matrices.ts";
import { emitTileTouch } from "./winograd-pixels.ts";
import { eachVectors, transformEmitter } from "./winograd-transform.ts";

/** How transformed tiles lie in their planes. */
export interface PlaneLayout {
  readonly room: number;
  /** Bytes from one tile to the next. */
  readonly tileBytes: number;
}

/**
 * Emits `(list, tiles, from, to, target, pitch, between)`: transforms the channels between two byte offsets of `tiles` tiles, whose pixels are in the
 * list, into planes, where the groups of sixteen channels are `pitch` bytes apart.
 */
export function emitTilesToPlanes(
  module: ModuleBuilder,
  matrix: Matrix,
  fused: boolean,
  { room, tileBytes }: PlaneLayout,
): FunctionBuilder {
  const size = matrix[0]?.length ?? 0;
  const products = matrix.length;
  const touch = emitTileTouch(module, size, size < products ? 0 : 1);
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [list, tiles, from, to, target, pitch, between] = [0, 1, 2, 3, 4, 5, 6];
    const pixels = f.local("i32");
    const end = f.local("i32");
    const channel = f.local("i32");
    const groupPlace = f.local("i32");
    const vectors = f.local("i32");
    const offset = f.local("i32");
    const rows = Array.from({ length: size }, () => f.local("i32"));
    const transform = transformEmitter(f, matrix, fused, between, vectors);
    f.get(list)
      .get(tiles)
      .i32(size * size * 4)
      .op("i32.mul", "i32.add")
      .set(end);
    f.get(list).for(
      pixels,
      () => f.get(end),
      size * size * 4,
      () => {
        f.get(pixels).get(from).get(to).get(from).op("i32.sub").get(between).call(touch);
        f.get(target).set(groupPlace);
        eachVectors(f, [from, to], channel, vectors, () => {
          transform({
            column: (column) =>
              rows.forEach((address, row) =>
                f
                  .get(pixels)
                  .memory("i32.load", (row * size + column) * 4)
                  .get(channel)
                  .op("i32.add")
                  .set(address),
              ),
            first: () => f.i32(0).set(offset),
            next: () => f.get(offset).i32(16).op("i32.add").set(offset),
            load: (row) => f.get(at(rows, row)).get(offset).op("i32.add").memory("v128.load"),
            store(row, column, push) {
              f.get(groupPlace).get(offset).op("i32.add");
              push();
              f.memory("v128.store", (row * products + column) * planeStride(room));
            },
          });
          f.get(groupPlace).get(pitch).op("i32.add").set(groupPlace);
        });
        f.get(target).i32(tileBytes).op("i32.add").set(target);
      },
    );
  });
}
