// Slices of tissue with their membranes: ISBI 2012's electron micrographs where they are at hand, else cells that this file draws.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fillUniform, streamKey } from "@stria/core";
import { decode } from "fast-png";
import { say } from "./setting.ts";

export interface Slice {
  /** Grey values 0 to 255, row by row. */
  readonly pixels: Uint8Array;
  /** 1 in cells, 0 on membranes. */
  readonly cells: Uint8Array;
}

export interface Slices {
  readonly name: string;
  /** Height and width of each. */
  readonly side: number;
  readonly slices: readonly Slice[];
}

function greyOf(path: string): Uint8Array {
  const { data, channels, depth } = decode(readFileSync(path));
  if (depth !== 8) throw new RangeError(`${path} has ${depth} bits a channel: save it with 8`);
  return Uint8Array.from({ length: data.length / channels }, (_, pixel) => data[pixel * channels] ?? 0);
}

/** The 30 labelled slices of 512x512 in `folder`, `image/0.png` and `label/0.png` to 29; undefined where they are not there. */
export function isbiSlices(
  folder: string = join(process.env["STRIA_DATA"] ?? ".", "isbi2012", "train"),
): Slices | undefined {
  const path = (kind: string, index: number): string => join(folder, kind, `${index}.png`);
  const count = 30;
  if (!Array.from({ length: count }, (_, index) => index).every((i) => existsSync(path("label", i)))) return undefined;
  const slices = Array.from({ length: count }, (_, index) => ({
    pixels: greyOf(path("image", index)),
    cells: greyOf(path("label", index)).map((value) => (value > 127 ? 1 : 0)),
  }));
  return { name: "ISBI 2012", side: 512, slices };
}

/** Cells around random centres, bent, with membranes between them; grey, with noise and spots. Slice `index` is always the same. */
function drawnSlice(index: number, side: number): Slice {
  const count = Math.max(6, Math.round((side / 28) ** 2));
  const numbers = new Float32Array(4 * count + side * side);
  fillUniform(streamKey(index, "cells"), 0, numbers);
  const at = (i: number): number => numbers[i] ?? 0;
  const pixels = new Uint8Array(side * side);
  const cells = new Uint8Array(side * side);
  for (let place = 0; place < pixels.length; place++) {
    const [row, column] = [Math.floor(place / side), place % side];
    const y = row + 5 * Math.sin(column / 11 + 6 * at(0));
    const x = column + 5 * Math.sin(row / 9 + 6 * at(1));
    let [nearest, second, spot] = [Infinity, Infinity, false];
    for (let cell = 0; cell < count; cell++) {
      const distance = Math.hypot(y - side * at(4 * cell), x - side * at(4 * cell + 1));
      second = Math.min(second, Math.max(nearest, distance));
      nearest = Math.min(nearest, distance);
      spot ||= Math.abs(distance - 7 * at(4 * cell + 2)) < 1.2 && at(4 * cell + 3) < 0.6;
    }
    const membrane = second - nearest < 3;
    cells[place] = membrane ? 0 : 1;
    const noise = 90 * (at(4 * count + place) - 0.5);
    pixels[place] = Math.min(Math.max((membrane ? 75 : spot ? 95 : 165) + noise, 0), 255);
  }
  return { pixels, cells };
}

/** The slices of ISBI 2012; drawn ones, small where `quick`, where they are missing, and then it says so. */
export function openSlices(quick: boolean): Slices {
  const found = quick ? undefined : isbiSlices();
  if (found) return found;
  const side = quick ? 64 : 256;
  if (!quick)
    say(
      "The slices of ISBI 2012 are not at hand: put them into the folder isbi2012/train of the one that STRIA_DATA names, as image/0.png to image/29.png\n" +
        "and label/0.png to label/29.png (imagej.net/events/isbi-2012-segmentation-challenge tells of them). Cells that this program draws take their place.\n",
    );
  return { name: "drawn cells", side, slices: Array.from({ length: 30 }, (_, index) => drawnSlice(index, side)) };
}
