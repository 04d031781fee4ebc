// From pixels to planes: the first pass of every Winograd product, over the tiles of a block.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import type { Matrix } from "./winograd-matrices.ts";
import { transformEmitter } from "./winograd-transform.ts";

/** Tiles that are transformed together: their stores fill whole cache lines. */
export const together = 4;

/** Planes begin so many bytes apart beyond their size: streams 4 KiB apart would drive each other out of the cache. */
const planePadding = 192;

/** Room in a plane of so many channels, in powers of two: it is part of the code. */
export function planeRoom(tiles: number, channels: number): number {
  const bytes = Math.ceil(tiles / together) * together * Math.ceil(channels / 4) * 16;
  return 2 ** Math.max(10, Math.ceil(Math.log2(bytes)));
}

/** Bytes from one plane to the next. */
export function planeStride(room: number): number {
  return room + planePadding;
}

/** How transformed tiles lie in their planes. */
export interface PlaneLayout {
  readonly room: number;
  /** Bytes from one tile to the next. */
  readonly tileBytes: number;
}

/**
 * Emits `(list, tiles, from, to, target, pitch, between)`: transforms the channels between two byte offsets of `tiles` tiles, whose pixels are in the
 * list, into planes of vectors; those of a tile are `pitch` bytes apart.
 */
export function emitTilesToPlanes(
  module: ModuleBuilder,
  matrix: Matrix,
  fused: boolean,
  { room, tileBytes }: PlaneLayout,
): FunctionBuilder {
  const size = matrix[0]?.length ?? 0;
  const products = matrix.length;
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [list, tiles, from, to, target, pitch, between] = [0, 1, 2, 3, 4, 5, 6];
    const pixels = f.local("i32");
    const end = f.local("i32");
    const place = f.local("i32");
    const transform = transformEmitter(f, matrix, fused, between);
    f.get(list)
      .get(tiles)
      .i32(size * size * 4)
      .op("i32.mul", "i32.add")
      .set(end);
    f.get(from).for(
      from,
      () => f.get(to),
      16,
      () => {
        f.get(target).set(place);
        f.get(list).for(
          pixels,
          () => f.get(end),
          size * size * 4,
          () => {
            transform({
              load: (i, j) =>
                f
                  .get(pixels)
                  .memory("i32.load", (i * size + j) * 4)
                  .get(from)
                  .op("i32.add")
                  .memory("v128.load"),
              store(i, j, push) {
                f.get(place);
                push();
                f.memory("v128.store", (i * products + j) * planeStride(room));
              },
            });
            f.get(place).i32(tileBytes).op("i32.add").set(place);
          },
        );
        f.get(target).get(pitch).op("i32.add").set(target);
      },
    );
  });
}
