// Windows without chance: the middle, a border around the image, and the five or ten that are averaged over in tests.
import { AttributeError } from "@stria/core";
import {
  type CropImageOptions,
  type LargeBoxesOptions,
  centreWindow,
  cropBoxes,
  cropImage,
  cropKeypoints,
  cropMask,
  fiveWindows,
  largeBoxes,
  paddedWindow,
} from "./crop.ts";
import { type Direction, flipImage } from "./flip.ts";
import type { Canvas, Image, Pixels } from "./parts.ts";
import type { Size } from "./random-crop.ts";
import type { Transform } from "./transform.ts";
import { type Window, checkBorder, checkWindow } from "./window.ts";

export interface FixedWindowOptions extends CropImageOptions, LargeBoxesOptions {
  /** The class outside of a mask with a constant border. Default 0. */
  readonly maskFill?: number;
}

function fixedWindow(
  name: string,
  windowOf: (canvas: Canvas) => Window,
  options: FixedWindowOptions,
): Transform<Window> {
  const { border = "constant", maskFill = 0 } = options;
  checkBorder(name, border);
  return {
    name,
    draw: (_, canvas) => windowOf(canvas),
    sizeAfter: (_, { height, width }) => ({ height, width }),
    rules: {
      image: (part, window) => cropImage(part, window, options),
      mask: (part, window) => cropMask(part, window, { border, fill: maskFill }),
      boxes: (part, window) => largeBoxes(cropBoxes(part, window), options),
      keypoints: cropKeypoints,
    },
  };
}

function sizeOf(size: Size): Canvas {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  return { height, width };
}

/** The middle of the image; larger than the image, it has a border. The parameters are the window. @throws AttributeError for a size without pixels, or an unknown border */
export function centreCrop(size: Size, options: FixedWindowOptions = {}): Transform<Window> {
  const wanted = sizeOf(size);
  checkWindow("centreCrop", { top: 0, left: 0, ...wanted });
  return fixedWindow("centreCrop", (canvas) => centreWindow(wanted, canvas), options);
}

/** One number of pixels for all sides, two for left and right, top and bottom, or four. */
export type Sides =
  | number
  | readonly [x: number, y: number]
  | readonly [left: number, top: number, right: number, bottom: number];

/** A border around the image. The parameters are the window. @throws AttributeError for sides that are not whole numbers from 0, or an unknown border */
export function pad(sides: Sides, options: FixedWindowOptions = {}): Transform<Window> {
  const [left, top, right = left, bottom = top] = typeof sides === "number" ? [sides, sides] : sides;
  if (![left, top, right, bottom].every((side) => Number.isSafeInteger(side) && side >= 0))
    throw new AttributeError(
      "pad",
      `the sides are ${[left, top, right, bottom].join(", ")}`,
      "use whole numbers from 0",
    );
  return fixedWindow("pad", (canvas) => paddedWindow([left, top, right, bottom], canvas), options);
}

/** The corners and the middle of an image. @throws AttributeError for windows that do not fit */
export function fiveCrop<Values extends Pixels>(image: Image<Values>, size: Size): Image<Values>[] {
  return fiveWindows(sizeOf(size), { height: image.shape[1], width: image.shape[2] }).map((window) =>
    cropImage(image, window),
  );
}

/** The corners and the middle of an image, and those of its mirror image (Krizhevsky et al. 2012, section 4.1). @throws AttributeError for windows that do not fit */
export function tenCrop<Values extends Pixels>(
  image: Image<Values>,
  size: Size,
  direction: Direction = "horizontal",
): Image<Values>[] {
  return [image, flipImage(image, direction)].flatMap((one) => fiveCrop(one, size));
}
