// Batches of golden training runs that are made of a name's numbers, or of electron microscope slices, rather than read from a published set.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHost } from "@stria/core";
import { PNG } from "pngjs";
import { image, uniform } from "./fill.ts";
import { Unsupported } from "./outcome.ts";
import type { Batch } from "./training-data.ts";

/** Whole numbers floor(count u) of a name. */
function whole(name: string, length: number, count: number): Int32Array {
  return Int32Array.from(uniform(name, length), (u) => Math.floor(count * u));
}

/** Means of the blocks of a square grey image, `size` x `size` of them. */
function blockMeans(file: string, size: number): Float64Array {
  if (!existsSync(file)) throw new Unsupported(`training runs on ${file}, which is not in the data folder`);
  const { width, data } = PNG.sync.read(readFileSync(file));
  const edge = width / size;
  const means = new Float64Array(size * size);
  for (let row = 0; row < width; row++)
    for (let column = 0; column < width; column++) {
      const block = Math.floor(row / edge) * size + Math.floor(column / edge);
      means[block] = (means[block] ?? 0) + (data[4 * (row * width + column)] ?? 0) / edge ** 2;
    }
  return means;
}

interface Recipe {
  readonly words: RegExp;
  make(match: readonly string[], data: string): { readonly items: Batch; readonly perBatch?: number };
}

const recipes: readonly Recipe[] = [
  {
    words:
      /^token numbers floor\((\d+) u\) of "(\w+)" \[(\d+), (\d+)\], labels floor\((\d+) u\) of "(\w+)" \[\3\]; \w+ batches of (\d+), taken in turn$/,
    make([, vocabulary, tokens = "", count, length, classes, labels = "", perBatch]) {
      const [rows, time] = [Number(count), Number(length)];
      return {
        items: {
          x: fromHost(whole(tokens, rows * time, Number(vocabulary)), [rows, time], "int32"),
          y: fromHost(whole(labels, rows, Number(classes)), [rows], "int32"),
        },
        perBatch: Number(perBatch),
      };
    },
  },
  {
    words: /^image "(\w+)" \[(\d+), (\d+), (\d+)\], labels floor\((\d+) u\) of "(\w+)" \[\2\]; one batch$/,
    make([, frames = "", count, channels, time, classes, labels = ""]) {
      const shape = [Number(count), Number(channels), Number(time)];
      return {
        items: {
          x: fromHost(image(frames, shape), shape, "float32"),
          y: fromHost(whole(labels, Number(count), Number(classes)), [Number(count)], "int32"),
        },
      };
    },
  },
  {
    words:
      /^ISBI 2012, train\/image\/0\.png and 1\.png, 512x512, averaged over 8x8 blocks to 64x64, x\/255 - 0\.5; label 1 where the mean of the block of train\/label\/ is >= 127\.5, else 0; one batch of both$/,
    make(_, data) {
      const [size, slices] = [64, [0, 1]];
      const means = (kind: string): number[] =>
        slices.flatMap((slice) => [...blockMeans(join(data, "isbi2012", "train", kind, `${slice}.png`), size)]);
      return {
        items: {
          x: fromHost(
            Float32Array.from(means("image"), (mean) => mean / 255 - 0.5),
            [slices.length, 1, size, size],
            "float32",
          ),
          y: fromHost(
            Int32Array.from(means("label"), (mean) => (mean >= 127.5 ? 1 : 0)),
            [slices.length, size, size],
            "int32",
          ),
        },
      };
    },
  },
];

/** What `description` says, and how many of it make a batch; undefined for other words. */
export function madeData(description: string, data: string): ReturnType<Recipe["make"]> | undefined {
  for (const { words, make } of recipes) {
    const match = words.exec(description);
    if (match) return make(match, data);
  }
  return undefined;
}
