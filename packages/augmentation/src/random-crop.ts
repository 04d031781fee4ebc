// The crop of AlexNet, and with padding the crop of CIFAR's residual networks (He et al. 2015, section 4.2).
import { AttributeError, ShapeError } from "@stria/core";
import {
  type CropImageOptions,
  type LargeBoxesOptions,
  cropBoxes,
  cropImage,
  cropKeypoints,
  cropMask,
  largeBoxes,
} from "./crop.ts";
import type { Fill } from "./fill.ts";
import type { Transform } from "./transform.ts";
import { type Border, type Window, checkBorder } from "./window.ts";

export interface RandomCropOptions extends LargeBoxesOptions {
  /** How far the window may reach beyond the image, on each side. Default 0. */
  readonly padding?: number;
  /** What is outside of the image. Default `"constant"`. */
  readonly border?: Border;
  /** What pixels are outside of an image, where the border is constant: a number, or one for each channel. Default 0. */
  readonly fill?: Fill;
  /** The class outside of a mask, where the border is constant: one that the loss ignores, or 0, the default. */
  readonly maskFill?: number;
}

/** A side, or height and width. */
export type Size = number | readonly [height: number, width: number];

/**
 * A window of `size` at a random place, each equally likely; with `padding` it may reach beyond the image. Masks are cut alike; boxes are clipped, and left out
 * where less than `minimumSide` or `minimumArea` is left; key points move along, also to the outside. The parameters are the window.
 * @throws AttributeError for an option out of range; ShapeError, when it draws, for an image that is too small
 */
export function randomCrop(size: Size, options: RandomCropOptions = {}): Transform<Window> {
  const { padding = 0, border = "constant", fill = 0, maskFill = 0 } = options;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  if (![height, width].every((side) => Number.isSafeInteger(side) && side > 0))
    throw new AttributeError("randomCrop", `size is ${String(size)}`, "use a whole number of pixels above 0");
  if (!Number.isSafeInteger(padding) || padding < 0)
    throw new AttributeError("randomCrop", `padding is ${padding}`, "use a whole number of pixels from 0");
  checkBorder("randomCrop", border);
  const outside: CropImageOptions = { border, fill };
  return {
    name: "randomCrop",
    draw(random, canvas) {
      const [rows, columns] = [canvas.height + 2 * padding - height + 1, canvas.width + 2 * padding - width + 1];
      if (rows < 1 || columns < 1)
        throw new ShapeError(
          "randomCrop",
          `a crop of ${height}x${width} does not fit into an image of ${canvas.height}x${canvas.width} with padding ${padding}`,
          "use a smaller size or more padding",
        );
      return { top: random.integer(rows) - padding, left: random.integer(columns) - padding, height, width };
    },
    sizeAfter: (_, window) => ({ height: window.height, width: window.width }),
    rules: {
      image: (part, window) => cropImage(part, window, outside),
      mask: (part, window) => cropMask(part, window, { border, fill: maskFill }),
      boxes: (part, window) => largeBoxes(cropBoxes(part, window), options),
      keypoints: cropKeypoints,
    },
  };
}
