// Squares of nothing: cutout, coarse dropout, and the regular holes of a grid mask.
import { AttributeError } from "@stria/core";
import type { Fill } from "../fill.ts";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn, drawnWhole, wholeRange } from "../range.ts";
import type { Transform } from "../transform.ts";
import type { Window } from "../window.ts";
import { eraseImage, squareAround } from "./erase.ts";

export interface HolesOptions extends Chance {
  /** What is in the holes: a number, or one for each channel. Default 0. */
  readonly fill?: Fill;
}

/** The holes; they may reach beyond the image. */
export interface Holes {
  readonly windows: readonly Window[];
}

/** A square of `length` pixels, half of them each way, around a random pixel (DeVries & Taylor 2017). The probability is 1. @throws AttributeError for an option out of range */
export function cutout(length: number, { fill = 0, probability = 1 }: HolesOptions = {}): Transform<Holes | null> {
  if (!Number.isSafeInteger(length) || length < 1)
    throw new AttributeError("cutout", `length is ${length}`, "use a whole number of pixels from 1");
  return photometric(
    "cutout",
    probability,
    (random, { height, width }) => {
      const [row, column] = [random.integer(height), random.integer(width)];
      return { windows: [squareAround(row, column, length)] };
    },
    (image, { windows }) => eraseImage(image, windows, fill),
  );
}

export interface CoarseDropoutOptions extends HolesOptions {
  /** How many holes. Default 1 to 8. */
  readonly holes?: number | Range;
  /** Their heights in pixels. Default 8. */
  readonly holeHeight?: number | Range;
  /** Their widths in pixels. Default 8. */
  readonly holeWidth?: number | Range;
}

/** Several rectangles, all inside of the image. The probability is 0.5. @throws AttributeError for an option out of range */
export function coarseDropout(options: CoarseDropoutOptions = {}): Transform<Holes | null> {
  const { holes = [1, 8], holeHeight = 8, holeWidth = 8, fill = 0, probability = 0.5 } = options;
  const counts = wholeRange("coarseDropout", "holes", holes, 0);
  const heights = wholeRange("coarseDropout", "holeHeight", holeHeight, 1);
  const widths = wholeRange("coarseDropout", "holeWidth", holeWidth, 1);
  return photometric(
    "coarseDropout",
    probability,
    (random, canvas) => ({
      windows: Array.from({ length: drawnWhole(random, counts) }, () => {
        const height = Math.min(drawnWhole(random, heights), canvas.height);
        const width = Math.min(drawnWhole(random, widths), canvas.width);
        const top = random.integer(canvas.height - height + 1);
        return { top, left: random.integer(canvas.width - width + 1), height, width };
      }),
    }),
    (image, { windows }) => eraseImage(image, windows, fill),
  );
}

export interface GridMaskOptions extends HolesOptions {
  /** From one hole to the next, in pixels. Default: a quarter to a half of the shorter side. */
  readonly unit?: number | Range;
  /** The side of a hole, as a share of the unit, from 0 to 1. Default 0.4. */
  readonly ratio?: number;
}

/** Square holes on a regular grid that begins at a random place (Chen et al. 2020). The probability is 0.5. @throws AttributeError for an option out of range */
export function gridMask(options: GridMaskOptions = {}): Transform<Holes | null> {
  const { unit, ratio = 0.4, fill = 0, probability = 0.5 } = options;
  const units = unit === undefined ? undefined : wholeRange("gridMask", "unit", unit, 2);
  checkedRange("gridMask", "ratio", ratio, 0, 1);
  return photometric(
    "gridMask",
    probability,
    (random, { height, width }) => {
      const short = Math.min(height, width);
      const step = units ? drawnWhole(random, units) : Math.max(Math.round(drawn(random, [short / 4, short / 2])), 2);
      const side = Math.round(step * ratio);
      const [firstRow, firstColumn] = [random.integer(step) - step, random.integer(step) - step];
      const windows: Window[] = [];
      if (side === 0) return { windows };
      for (let top = firstRow; top < height; top += step)
        for (let left = firstColumn; left < width; left += step)
          if (top + side > 0 && left + side > 0) windows.push({ top, left, height: side, width: side });
      return { windows };
    },
    (image, { windows }) => eraseImage(image, windows, fill),
  );
}
