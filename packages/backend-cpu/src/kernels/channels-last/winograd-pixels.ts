// Where the pixels of a tile lie: a list of addresses, in which those outside of the image stand for a row of zeros or a place that nobody reads.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { namedLocals } from "../kernel.ts";
import { emitTouch } from "./touch.ts";
import { wordReader, type WinogradWord } from "./winograd-arguments.ts";

/**
 * Emits `(list, image, top, left, height, width, rowBytes, pixelBytes, outside)`: the addresses of size x size pixels from (top, left), which may be
 * negative, of an image that begins at `image`.
 */
function emitPixelList(module: ModuleBuilder, size: number): FunctionBuilder {
  return module.function("", Array<"i32">(9).fill("i32"), [], (f) => {
    const [list, image, top, left, height, width, rowBytes, pixelBytes, outside] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const row = f.local("i32");
    const nowhere = f.local("v128");
    // Four columns at a time: where they lie in a row, and whether they do.
    const columns = Array.from({ length: Math.ceil(size / 4) }, () => ({
      place: f.local("v128"),
      inside: f.local("v128"),
    }));
    f.get(outside).op("i32x4.splat").set(nowhere);
    columns.forEach(({ place, inside }, group) => {
      f.get(left).op("i32x4.splat");
      f.v128([group * 4, group * 4 + 1, group * 4 + 2, group * 4 + 3])
        .op("i32x4.add")
        .tee(place);
      f.v128([-1, -1, -1, -1]).op("i32x4.gt_s").get(place).get(width).op("i32x4.splat", "i32x4.lt_s", "v128.and");
      f.set(inside);
      f.get(place).get(pixelBytes).op("i32x4.splat", "i32x4.mul").set(place);
    });
    f.get(image).get(top).get(rowBytes).op("i32.mul", "i32.add").set(image);
    f.i32(0).for(
      row,
      () => f.i32(size),
      1,
      () => {
        // What is written behind a row is written over by the next.
        columns.forEach(({ place, inside }, group) => {
          f.get(list).get(image).op("i32x4.splat").get(place).op("i32x4.add").get(nowhere).get(inside);
          f.i32(0).get(top).get(height).op("i32.lt_u", "i32.sub", "i32x4.splat", "v128.and", "v128.bitselect");
          f.memory("v128.store", group * 16);
        });
        f.get(image).get(rowBytes).op("i32.add").set(image).get(top).i32(1).op("i32.add").set(top);
        f.get(list)
          .i32(size * 4)
          .op("i32.add")
          .set(list);
      },
    );
  });
}

/**
 * Emits `(list, count, offset, channels, patch)`: copies the last `channels` (less than four) channels of each pixel, which begin at byte `offset`,
 * into vectors that zeros fill up, and lets the list point there. So a transform may read four channels where there are fewer.
 */
export function emitTailGather(module: ModuleBuilder): FunctionBuilder {
  return module.function("", Array<"i32">(5).fill("i32"), [], (f) => {
    const [list, count, offset, channels, patch] = [0, 1, 2, 3, 4];
    const pixel = f.local("i32");
    const channel = f.local("i32");
    f.i32(0).for(
      pixel,
      () => f.get(count),
      1,
      () => {
        f.get(patch).v128([0, 0, 0, 0]).memory("v128.store");
        f.i32(0).for(
          channel,
          () => f.get(channels),
          1,
          () => {
            f.get(patch).plus(channel, 4);
            f.get(list).memory("i32.load").get(offset).op("i32.add").plus(channel, 4).memory("f32.load");
            f.memory("f32.store");
          },
        );
        f.get(list).get(patch).get(offset).op("i32.sub").memory("i32.store");
        f.get(patch).i32(16).op("i32.add").set(patch);
        f.get(list).i32(4).op("i32.add").set(list);
      },
    );
  });
}

/** Emits `(list, count, offset, channels, patch)`: copies from such vectors to the pixels of a list. */
export function emitTailScatter(module: ModuleBuilder): FunctionBuilder {
  return module.function("", Array<"i32">(5).fill("i32"), [], (f) => {
    const [list, count, offset, channels, patch] = [0, 1, 2, 3, 4];
    const pixel = f.local("i32");
    const channel = f.local("i32");
    f.i32(0).for(
      pixel,
      () => f.get(count),
      1,
      () => {
        f.i32(0).for(
          channel,
          () => f.get(channels),
          1,
          () => {
            f.get(list).memory("i32.load").get(offset).op("i32.add").plus(channel, 4);
            f.get(patch).plus(channel, 4).memory("f32.load").memory("f32.store");
          },
        );
        f.get(patch).i32(16).op("i32.add").set(patch);
        f.get(list).i32(4).op("i32.add").set(list);
      },
    );
  });
}

/** Bytes of a pixel from which on it pays to touch tiles. */
const leastTouched = 192;

/**
 * Emits `(list, offset, bytes, scratch)`: brings the pixels of a tile into the cache, `bytes` of each from `offset` on: rows at once, where pixels lie
 * side by side. A transform reads a line of every pixel at a time, which processors do not foresee. (From 386 to 228 cycles for four channels of a tile
 * at 148 channels of 32x32.) The first column may be left to the tile before, which reads one more than it steps over.
 */
export function emitTileTouch(module: ModuleBuilder, size: number, firstColumn: number): FunctionBuilder {
  const touch = emitTouch(module);
  return module.function("", Array<"i32">(4).fill("i32"), [], (f) => {
    const [list, offset, bytes, scratch] = [0, 1, 2, 3];
    const row = f.local("i32");
    const last = size - 1;
    const pixel = (column: number): FunctionBuilder => f.get(list).memory("i32.load", column * 4);
    const touchPixels = (first: number, end: number): void => {
      pixel(first).get(offset).op("i32.add");
      pixel(end).get(offset).get(bytes).op("i32.add", "i32.add").get(scratch).call(touch);
    };
    const touchRow = (): void => {
      pixel(last);
      pixel(firstColumn).op("i32.sub").get(bytes);
      f.i32(last - firstColumn).op("i32.mul", "i32.eq");
      f.if(
        () => touchPixels(firstColumn, last),
        () => {
          for (let column = firstColumn; column < size; column++) touchPixels(column, column);
        },
      );
      f.get(list)
        .i32(size * 4)
        .op("i32.add")
        .set(list);
    };
    f.get(bytes)
      .i32(leastTouched)
      .op("i32.ge_u")
      .if(() => {
        f.i32(0).for(row, () => f.i32(size), 1, touchRow);
      });
  });
}

export interface TileLists {
  readonly images: "x" | "y" | "residual";
  /** Pixels of a tile along an axis, and from one tile to the next. */
  readonly size: number;
  readonly step: number;
}

/** Emits `(words, list, first, count, offset, outside)`: the pixels of `count` tiles, `offset` bytes into each pixel. */
export function emitTileLists(module: ModuleBuilder, { images, size, step }: TileLists): FunctionBuilder {
  const pixels = emitPixelList(module, size);
  return module.function("", Array<"i32">(6).fill("i32"), [], (f) => {
    const [words, list, first, count, offset, outside] = [0, 1, 2, 3, 4, 5];
    const { tile, row, column, image } = namedLocals(f, "i32", ["tile", "row", "column", "image"]);
    const word = wordReader(f, words);
    /** Splits a number of tiles into those of an axis, and whole axes. */
    const split = (whole: Local, length: WinogradWord, part: Local): void => {
      f.get(whole);
      word(length).op("i32.rem_u").set(part).get(whole);
      word(length).op("i32.div_u").set(whole);
    };
    /** Goes on to the next place of an axis; behind its last to the first, and `next`. */
    const carry = (part: Local, length: WinogradWord, next: () => void): void => {
      f.get(part).i32(1).op("i32.add").tee(part);
      word(length).op("i32.eq");
      f.if(() => {
        f.i32(0).set(part);
        next();
      });
    };
    f.get(first).set(image);
    split(image, "tileColumns", column);
    split(image, "tileRows", row);
    word(images).get(offset).op("i32.add").get(image);
    word(`${images}ImageBytes`).op("i32.mul", "i32.add").set(image);
    f.i32(0).for(
      tile,
      () => f.get(count),
      1,
      () => {
        f.get(list).get(image);
        for (const [part, before] of [
          [row, "top"],
          [column, "left"],
        ] as const) {
          f.get(part).i32(step).op("i32.mul");
          if (images === "x") word(before).op("i32.add");
        }
        word(images === "x" ? "height" : "outputHeight");
        word(images === "x" ? "width" : "outputWidth");
        word(`${images}RowBytes`);
        word(`${images}PixelBytes`).get(outside).call(pixels);
        f.get(list)
          .i32(size * size * 4)
          .op("i32.add")
          .set(list);
        carry(column, "tileColumns", () =>
          carry(row, "tileRows", () => {
            f.get(image);
            word(`${images}ImageBytes`).op("i32.add").set(image);
          }),
        );
      },
    );
  });
}
