// Transforms that resize: to a size, a random window to a size (Inception), and a random size (VGG, detection).
import { AttributeError, ShapeError } from "@stria/core";
import { type LargeBoxesOptions, cropBoxes, cropKeypoints, largeBoxes } from "../crop.ts";
import type { Canvas } from "../parts.ts";
import type { Size } from "../random-crop.ts";
import { type Range, checkedRange, drawn, drawnWhole, wholeRange } from "../range.ts";
import type { Rules, Transform } from "../transform.ts";
import type { Window } from "../window.ts";
import { checkInterpolation } from "./resize-weights.ts";
import {
  type ResizeOptions,
  checkSize,
  resizeBoxes,
  resizeImage,
  resizeKeypoints,
  resizeMask,
  resizeWindow,
  shorterSide,
} from "./resize.ts";

export interface ResizingOptions extends ResizeOptions, LargeBoxesOptions {}

/** Height and width. @throws AttributeError for a size without pixels */
function canvasOfSize(name: string, size: Size): Canvas {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  checkSize(name, { height, width });
  return { height, width };
}

function resizeRules<Parameters>(
  name: string,
  sizeOf: (parameters: Parameters, canvas: Canvas) => Canvas,
  options: ResizingOptions,
): Rules<Parameters> {
  checkInterpolation(name, options.interpolation ?? "bilinear");
  return {
    image: (part, parameters, canvas) => resizeImage(part, sizeOf(parameters, canvas), options),
    mask: (part, parameters, canvas) => resizeMask(part, sizeOf(parameters, canvas)),
    boxes: (part, parameters, canvas) => largeBoxes(resizeBoxes(part, sizeOf(parameters, canvas), canvas), options),
    keypoints: (part, parameters, canvas) => resizeKeypoints(part, sizeOf(parameters, canvas), canvas),
  };
}

export interface ResizeToOptions extends ResizingOptions {
  /** With one number as size, which is the shorter side then: the longest that the longer side may be. */
  readonly maxSize?: number;
}

/** Another size: height and width, or one number for the shorter side. The parameters are the size. @throws AttributeError for a size without pixels, or an unknown interpolation */
export function resize(size: Size, options: ResizeToOptions = {}): Transform<Canvas> {
  const { maxSize = Infinity } = options;
  const fixed = canvasOfSize("resize", size);
  if (!(maxSize >= 1)) throw new AttributeError("resize", `maxSize is ${maxSize}`, "use a whole number from 1");
  return {
    name: "resize",
    draw: (_, canvas) => (typeof size === "number" ? shorterSide(size, canvas, maxSize) : fixed),
    sizeAfter: (_, parameters) => parameters,
    rules: resizeRules("resize", (parameters) => parameters, options),
  };
}

export interface RandomShorterSideOptions extends ResizingOptions {
  /** The longest that the longer side may be. Default: anything. */
  readonly maxSize?: number;
}

/** The shorter side a whole number of a range, proportions kept: VGG's scale jitter, with `randomCrop` after it (Simonyan & Zisserman 2014: 256 to 512). The parameters are the size. @throws AttributeError for an option out of range */
export function randomShorterSide(sides: Range, options: RandomShorterSideOptions = {}): Transform<Canvas> {
  const range = wholeRange("randomShorterSide", "sides", sides, 1);
  const { maxSize = Infinity } = options;
  return {
    name: "randomShorterSide",
    draw: (random, canvas) => shorterSide(drawnWhole(random, range), canvas, maxSize),
    sizeAfter: (_, parameters) => parameters,
    rules: resizeRules("randomShorterSide", (parameters) => parameters, options),
  };
}

export interface ScaleJitterOptions extends ResizingOptions {
  /** Of the scale that just fits the target. Default 0.1 to 2. */
  readonly scale?: Range;
}

/** The size that fits a target, times a number of a range: large scale jitter (Ghiasi et al. 2021). The parameters are the size. @throws AttributeError for an option out of range */
export function scaleJitter(target: Size, options: ScaleJitterOptions = {}): Transform<Canvas> {
  const fitting = canvasOfSize("scaleJitter", target);
  const range = checkedRange("scaleJitter", "scale", options.scale ?? [0.1, 2], 1e-6);
  return {
    name: "scaleJitter",
    draw(random, { height, width }) {
      const ratio = Math.min(fitting.height / height, fitting.width / width) * drawn(random, range);
      return { height: Math.max(Math.trunc(height * ratio), 1), width: Math.max(Math.trunc(width * ratio), 1) };
    },
    sizeAfter: (_, parameters) => parameters,
    rules: resizeRules("scaleJitter", (parameters) => parameters, options),
  };
}

export interface RandomResizedCropOptions extends ResizingOptions {
  /** The window's area, as shares of the image's. Default 0.08 to 1. */
  readonly scale?: Range;
  /** Its width over its height, drawn evenly of the logarithm. Default 3/4 to 4/3. */
  readonly ratio?: Range;
}

const attempts = 10;

/** The largest window in the middle whose proportions are within the range. */
function middleWindow({ height, width }: Canvas, [low, high]: Range): Window {
  const proportion = Math.min(Math.max(width / height, low), high);
  const [rows, columns] =
    width / height < proportion
      ? [Math.max(Math.round(width / proportion), 1), width]
      : [height, Math.max(Math.round(height * proportion), 1)];
  return {
    top: Math.floor((height - rows) / 2),
    left: Math.floor((width - columns) / 2),
    height: rows,
    width: columns,
  };
}

/**
 * A window of random area and proportions, resized: the crop that Inception was trained with (Szegedy et al. 2015). The parameters are the window.
 * @throws AttributeError for an option out of range; ShapeError, when it is applied, for a window of another image
 */
export function randomResizedCrop(size: Size, options: RandomResizedCropOptions = {}): Transform<Window> {
  const made = canvasOfSize("randomResizedCrop", size);
  const scale = checkedRange("randomResizedCrop", "scale", options.scale ?? [0.08, 1], 0, 1);
  const ratio = checkedRange("randomResizedCrop", "ratio", options.ratio ?? [3 / 4, 4 / 3], 1e-6);
  checkInterpolation("randomResizedCrop", options.interpolation ?? "bilinear");
  const checked = (window: Window, { height, width }: Canvas): Window => {
    if (window.top + window.height <= height && window.left + window.width <= width) return window;
    throw new ShapeError(
      "randomResizedCrop",
      "the window reaches beyond the image",
      "apply what was drawn for its size",
    );
  };
  return {
    name: "randomResizedCrop",
    draw(random, canvas) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const area = canvas.height * canvas.width * drawn(random, scale);
        const proportion = Math.exp(drawn(random, [Math.log(ratio[0]), Math.log(ratio[1])]));
        const [height, width] = [Math.round(Math.sqrt(area / proportion)), Math.round(Math.sqrt(area * proportion))];
        if (height < 1 || width < 1 || height > canvas.height || width > canvas.width) continue;
        return {
          top: random.integer(canvas.height - height + 1),
          left: random.integer(canvas.width - width + 1),
          height,
          width,
        };
      }
      return middleWindow(canvas, ratio);
    },
    sizeAfter: () => made,
    rules: {
      image: (part, window) => resizeWindow(part, window, made, options),
      mask: (part, window) => resizeMask(part, made, window),
      boxes: (part, window, canvas) =>
        largeBoxes(resizeBoxes(cropBoxes(part, checked(window, canvas)), made, window), options),
      keypoints: (part, window, canvas) => resizeKeypoints(cropKeypoints(part, checked(window, canvas)), made, window),
    },
  };
}
