// Contrast limited adaptive histogram equalisation (Zuiderveld 1994), by OpenCV's rules.
import { AttributeError } from "@stria/core";
import type { Canvas, Image, Pixels } from "../parts.ts";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn } from "../range.ts";
import type { Transform } from "../transform.ts";
import { emptyLike, inside } from "../window.ts";
import { greyPlane } from "./grey.ts";
import { boundOf, checkColours } from "./levels.ts";

export interface ClaheParameters {
  /** How many times the mean count a level may have; what is above is spread over all levels. */
  readonly clipLimit: number;
}

/** Rows and columns of tiles. */
type Grid = readonly [rows: number, columns: number];

const levels = 256;

/** @throws AttributeError for no grid. */
function checkGrid([rows, columns]: Grid): void {
  if (![rows, columns].every((count) => Number.isSafeInteger(count) && count > 0))
    throw new AttributeError("clahe", `tileGridSize is [${rows}, ${columns}]`, "use whole numbers from 1");
}

/** Cuts the peaks of a histogram off, and spreads what was above evenly. */
function clip(counts: Int32Array, limit: number): void {
  let above = 0;
  for (let i = 0; i < levels; i++) {
    above += Math.max((counts[i] ?? 0) - limit, 0);
    counts[i] = Math.min(counts[i] ?? 0, limit);
  }
  const each = Math.floor(above / levels);
  let left = above - each * levels;
  for (let i = 0; i < levels; i++) counts[i] = (counts[i] ?? 0) + each;
  const step = Math.max(Math.floor(levels / Math.max(left, 1)), 1);
  for (let i = 0; i < levels && left > 0; i += step, left--) counts[i] = (counts[i] ?? 0) + 1;
}

/** The size of a tile. Where the tiles do not divide both sides, OpenCV makes them larger both ways. */
function tileOf({ height, width }: Canvas, [rows, columns]: Grid): Canvas {
  const more = height % rows === 0 && width % columns === 0 ? 0 : 1;
  return { height: Math.floor(height / rows) + more, width: Math.floor(width / columns) + more };
}

/** The table of each tile of a plane of levels. The image goes on as its mirror image where tiles do not divide it. */
function tileTables(
  plane: Uint8Array,
  { height, width }: Canvas,
  [rows, columns]: Grid,
  clipLimit: number,
): Uint8Array {
  const { height: tileHeight, width: tileWidth } = tileOf({ height, width }, [rows, columns]);
  const [tables, counts] = [new Uint8ClampedArray(rows * columns * levels), new Int32Array(levels)];
  const size = tileHeight * tileWidth;
  for (let tile = 0; tile < rows * columns; tile++) {
    const [top, left] = [Math.floor(tile / columns) * tileHeight, (tile % columns) * tileWidth];
    counts.fill(0);
    for (let row = top; row < top + tileHeight; row++)
      for (let column = left; column < left + tileWidth; column++) {
        const value = plane[inside.reflect(row, height) * width + inside.reflect(column, width)] ?? 0;
        counts[value] = (counts[value] ?? 0) + 1;
      }
    clip(counts, Math.max(Math.floor((clipLimit * size) / levels), 1));
    let sum = 0;
    for (let level = 0; level < levels; level++) {
      sum += counts[level] ?? 0;
      tables[tile * levels + level] = Math.fround(sum * Math.fround(255 / size));
    }
  }
  return new Uint8Array(tables.buffer);
}

/** Two neighbouring tiles along an axis and how far on the way to the second a place is. */
function between(place: number, tile: number, count: number): readonly [first: number, second: number, share: number] {
  const at = place / tile - 0.5;
  const first = Math.floor(at);
  return [Math.max(first, 0), Math.min(first + 1, count - 1), at - first];
}

/** A plane of levels after equalisation, each pixel between the tables of the four tiles around it. */
function equalised(plane: Uint8Array, canvas: Canvas, grid: Grid, clipLimit: number): Uint8Array {
  const { height, width } = canvas;
  const [rows, columns] = grid;
  const tables = tileTables(plane, canvas, grid, clipLimit);
  const tile = tileOf(canvas, grid);
  const made = new Uint8ClampedArray(height * width);
  for (let row = 0; row < height; row++) {
    const [upper, lower, down] = between(row, tile.height, rows);
    for (let column = 0; column < width; column++) {
      const [left, right, across] = between(column, tile.width, columns);
      const value = plane[row * width + column] ?? 0;
      const level = (i: number, j: number): number => tables[(i * columns + j) * levels + value] ?? 0;
      const above = level(upper, left) * (1 - across) + level(upper, right) * across;
      const below = level(lower, left) * (1 - across) + level(lower, right) * across;
      made[row * width + column] = above * (1 - down) + below * down;
    }
  }
  return new Uint8Array(made.buffer);
}

/**
 * The image with contrast evened out place by place: its grey is equalised in tiles, and all channels change by as much as the grey does.
 * @throws AttributeError for a limit that is not above 0, or no grid; ShapeError for an image that is neither grey nor of three colours
 */
export function claheImage<Values extends Pixels>(
  image: Image<Values>,
  { clipLimit }: ClaheParameters,
  grid: Grid = [8, 8],
): Image<Values> {
  if (!(clipLimit > 0 && Number.isFinite(clipLimit)))
    throw new AttributeError("clahe", `clipLimit is ${clipLimit}`, "use a finite number above 0");
  checkGrid(grid);
  const { values, shape } = image;
  const [channels, height, width] = shape;
  checkColours("clahe", channels);
  const [grey, bound] = [greyPlane(image), boundOf(values)];
  const plane = new Uint8Array(Uint8ClampedArray.from(grey, (value) => (value * 255) / bound).buffer);
  const changed = equalised(plane, { height, width }, grid, clipLimit);
  const made = emptyLike(values, values.length);
  const size = height * width;
  for (let i = 0; i < values.length; i++) {
    const at = i % size;
    const change = ((changed[at] ?? 0) - (plane[at] ?? 0)) / 255;
    made[i] = Math.min(Math.max((values[i] ?? 0) + change * bound, 0), bound);
  }
  return { kind: "image", values: made, shape };
}

export interface ClaheOptions extends Chance {
  /** Limits above 0; a number a stands for 1 to a. Default 4. */
  readonly clipLimit?: number | Range;
  /** Rows and columns of tiles. Default 8 each. */
  readonly tileGridSize?: Grid;
}

/** Contrast evened out place by place. The probability is 0.5. @throws AttributeError for an option out of range */
export function clahe(options: ClaheOptions = {}): Transform<ClaheParameters | null> {
  const { clipLimit = 4, tileGridSize = [8, 8], probability = 0.5 } = options;
  const range = checkedRange("clahe", "clipLimit", typeof clipLimit === "number" ? [1, clipLimit] : clipLimit, 1e-6);
  checkGrid(tileGridSize);
  return photometric(
    "clahe",
    probability,
    (random) => ({ clipLimit: drawn(random, range) }),
    (image, parameters) => claheImage(image, parameters, tileGridSize),
  );
}
