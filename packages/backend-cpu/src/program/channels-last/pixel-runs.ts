// Which pixels of the input meet which pixels of the output, as tables: an image is cut into blocks of output pixels; for each block, the lines of the
// input and the output that it needs, and for each element of the kernel the runs of pixels that it multiplies.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { ConvolutionGeometry } from "../convolution.ts";

export type Spatial = Pick<
  ConvolutionGeometry,
  "batch" | "input" | "places" | "kernel" | "stride" | "dilation" | "before"
>;

/** Pixels side by side along the last axis. */
export interface Line {
  /** The first, in its image. */
  readonly pixel: number;
  readonly pixels: number;
  /** Pixels outside the image that belong to the line too: before and behind. */
  readonly before: number;
  readonly behind: number;
}

/** A place of the input or the output: counted in its image, and in the packed lines of the block. */
export interface Pixel {
  readonly inImage: number;
  readonly packed: number;
}

export interface Run {
  readonly input: Pixel;
  readonly output: Pixel;
  readonly pixels: number;
}

export interface PixelBlock {
  readonly input: readonly Line[];
  readonly output: readonly Line[];
  /** By element of the kernel; where the last axis is merged, by element of the others. */
  readonly runs: readonly (readonly Run[])[];
}

export interface PixelPlan {
  readonly blocks: readonly PixelBlock[];
  readonly batch: number;
  /** How many images are one block together; more than one only where an image is one block. */
  readonly imagesPerBlock: number;
  /** Pixels of the input between two that are packed. */
  readonly inputStep: number;
  /** Packed pixels from one that an element of the kernel reads to the next. */
  readonly packedStep: number;
  /** Elements of the kernel that have runs of their own. */
  readonly taps: number;
  /** Most packed pixels of a block. */
  readonly inputPixels: number;
  readonly outputPixels: number;
}

/** All index tuples, row-major. */
function tuples(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (list, size) => list.flatMap((head) => Array.from({ length: size }, (_, index) => [...head, index])),
    [[]],
  );
}

/** From 0 to `length` in steps of equal length, which is at most `most`: the bounds. */
function divided(length: number, most: number): number[] {
  const parts = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: parts + 1 }, (_, part) => Math.floor((length * part) / parts));
}

function pixelsOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.before + line.pixels + line.behind, 0);
}

/**
 * Cuts images into blocks of about `wanted` output pixels. `merged`: the elements of the kernel along the last axis, whose dilation is 1, lie side by
 * side with the channels, so that lines keep their padding and all elements meet whole lines.
 */
export function planPixels(s: Spatial, wanted: number, merged: boolean): PixelPlan {
  const width = at(s.places, s.places.length - 1);
  const lines = sizeOf(s.places.slice(0, -1));
  const columns = divided(width, width > 1.5 * wanted ? wanted : width);
  const rows = columns.length > 2 ? divided(lines, 1) : divided(lines, Math.max(1, Math.round(wanted / width)));
  const blocks: PixelBlock[] = [];
  const places = tuples(s.places.slice(0, -1));
  for (let row = 0; row + 1 < rows.length; row++)
    for (let column = 0; column + 1 < columns.length; column++)
      blocks.push(
        blockOf(s, places, [at(rows, row), at(rows, row + 1)], [at(columns, column), at(columns, column + 1)], merged),
      );
  const imagesPerBlock =
    blocks.length > 1 ? 1 : Math.max(1, Math.min(s.batch, Math.floor(wanted / Math.max(1, lines * width))));
  const dense = isDense(s, merged);
  const stride = at(s.stride, s.stride.length - 1);
  return {
    blocks,
    batch: s.batch,
    imagesPerBlock,
    inputStep: dense ? stride : 1,
    packedStep: dense ? 1 : stride,
    taps: sizeOf(merged ? s.kernel.slice(0, -1) : s.kernel),
    inputPixels: imagesPerBlock * Math.max(0, ...blocks.map((block) => pixelsOf(block.input))),
    outputPixels: imagesPerBlock * Math.max(0, ...blocks.map((block) => pixelsOf(block.output))),
  };
}

/** Whether only the pixels that are read are packed: where the kernel has one element along the last axis. */
function isDense({ kernel }: Spatial, merged: boolean): boolean {
  return !merged && at(kernel, kernel.length - 1) === 1;
}

function blockOf(
  s: Spatial,
  places: readonly (readonly number[])[],
  [firstRow, endRow]: readonly [number, number],
  [firstColumn, endColumn]: readonly [number, number],
  merged: boolean,
): PixelBlock {
  const last = s.input.length - 1;
  const [stride, dilation, before] = [at(s.stride, last), at(s.dilation, last), at(s.before, last)];
  const [length, taps, width] = [at(s.input, last), at(s.kernel, last), at(s.places, last)];
  const pitch = stridesOf(s.input);
  const dense = isDense(s, merged);
  // Columns whose window's element `tap` lies inside.
  const inside = (tap: number): readonly [number, number] => {
    const shift = tap * dilation - before;
    const first = Math.max(firstColumn, Math.ceil(-shift / stride));
    return [first, Math.max(first, Math.min(endColumn, Math.floor((length - 1 - shift) / stride) + 1))];
  };
  // What of a line is packed: all that the windows reach, or what the only element reads.
  const from = firstColumn * stride - before;
  const end = (endColumn - 1) * stride + (taps - 1) * dilation - before + 1;
  const [firstRead, endRead] = inside(0);
  const start = dense ? firstRead * stride - before : Math.max(0, from);
  const kept = dense ? endRead - firstRead : Math.max(0, Math.min(end, length) - start);
  const outside = { before: 0, behind: 0 };
  if (merged) {
    outside.before = kept > 0 ? start - from : end - from;
    outside.behind = end - from - outside.before - kept;
  }
  const packedLength = outside.before + kept + outside.behind;

  const slots = new Map<number, number>();
  const output = Array.from({ length: endRow - firstRow }, (_, row) => ({
    pixel: (firstRow + row) * width + firstColumn,
    pixels: endColumn - firstColumn,
    before: 0,
    behind: 0,
  }));
  const lineWidth = endColumn - firstColumn;
  const runs = tuples(s.kernel.slice(0, -1)).flatMap((tap) => {
    const pairs: { line: number; slot: number; row: number }[] = [];
    for (let row = firstRow; row < endRow; row++) {
      const place = at(places, row);
      const coordinates = place.map(
        (index, axis) => index * at(s.stride, axis) + at(tap, axis) * at(s.dilation, axis) - at(s.before, axis),
      );
      if (coordinates.some((index, axis) => index < 0 || index >= at(s.input, axis))) continue;
      const line = coordinates.reduce((sum, index, axis) => sum + index * at(pitch, axis), 0);
      let slot = slots.get(line);
      if (slot === undefined) slots.set(line, (slot = slots.size));
      pairs.push({ line, slot, row: row - firstRow });
    }
    /** From column `first` on, for which the packed line's pixel `skipped` and the image's column `column` are read. */
    const along = (first: number, pixels: number, skipped: number, column: number): Run[] =>
      pairs.map(({ line, slot, row }) => ({
        input: { inImage: line + column, packed: slot * packedLength + skipped },
        output: { inImage: (firstRow + row) * width + first, packed: row * lineWidth + first - firstColumn },
        pixels,
      }));
    if (merged) return [along(firstColumn, lineWidth, 0, from)];
    return Array.from({ length: taps }, (_, k) => {
      const [first, stop] = inside(k);
      if (stop <= first) return [];
      const column = first * stride + k * dilation - before;
      return along(first, stop - first, dense ? 0 : column - start, column);
    });
  });
  const input =
    packedLength > 0 ? [...slots.keys()].map((line) => ({ pixel: line + start, pixels: kept, ...outside })) : [];
  return { input, output, runs };
}
