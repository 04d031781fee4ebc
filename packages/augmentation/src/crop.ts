// Cropping and padding, which are one: a window of the image that may reach beyond it.
import { AttributeError } from "@stria/core";
import { type Fill, fillsOf } from "./fill.ts";
import type { Boxes, Canvas, Image, Keypoints, Labels, Mask, Pixels } from "./parts.ts";
import { type Border, type Window, checkBorder, checkWindow, cut } from "./window.ts";

export interface CropImageOptions {
  /** What is outside of the image. Default `"constant"`. */
  readonly border?: Border;
  /** What pixels are outside of an image with a constant border. Default 0. */
  readonly fill?: Fill;
}

export interface CropMaskOptions {
  /** What is outside of the mask. Default `"constant"`. */
  readonly border?: Border;
  /** The class outside of a mask with a constant border. Default 0. */
  readonly fill?: number;
}

/** The window of an image. @throws AttributeError for a window of no pixels, an unknown border, or a fill that does not fit. */
export function cropImage<Values extends Pixels>(
  { values, shape: [channels, height, width] }: Image<Values>,
  window: Window,
  { border = "constant", fill = 0 }: CropImageOptions = {},
): Image<Values> {
  checkWindow("crop", window);
  checkBorder("crop", border);
  const fills = fillsOf("crop", values, fill, channels);
  const made = cut(values, channels, { height, width }, window, border, fills);
  return { kind: "image", values: made, shape: [channels, window.height, window.width] };
}

/** The window of a mask. @throws AttributeError as for images. */
export function cropMask<Values extends Labels>(
  { values, shape: [height, width] }: Mask<Values>,
  window: Window,
  { border = "constant", fill = 0 }: CropMaskOptions = {},
): Mask<Values> {
  checkWindow("crop", window);
  checkBorder("crop", border);
  const made = cut(values, 1, { height, width }, window, border, fillsOf("crop", values, fill, 1));
  return { kind: "mask", values: made, shape: [window.height, window.width] };
}

const within = (value: number, limit: number): number => Math.min(Math.max(value, 0), limit);

/** The boxes in the frame of the window, clipped to it; one that lies outside has no area then (see {@link largeBoxes}). */
export function cropBoxes({ values, labels }: Boxes, window: Window): Boxes {
  checkWindow("crop", window);
  const { top, left, height, width } = window;
  const made = values.map((value, i) => (i % 2 === 0 ? within(value - left, width) : within(value - top, height)));
  return { kind: "boxes", values: made, labels };
}

export interface LargeBoxesOptions {
  /** Least width and height, in pixels. Default 1. */
  readonly minimumSide?: number;
  /** Least area, in pixels. Default 1. */
  readonly minimumArea?: number;
}

/** The boxes that are not too small, with their labels. */
export function largeBoxes(
  { values, labels }: Boxes,
  { minimumSide = 1, minimumArea = 1 }: LargeBoxesOptions = {},
): Boxes {
  const kept = Array.from(labels.keys()).filter((index) => {
    const [left = 0, top = 0, right = 0, bottom = 0] = values.subarray(4 * index, 4 * index + 4);
    const [width, height] = [right - left, bottom - top];
    return width >= minimumSide && height >= minimumSide && width * height >= minimumArea;
  });
  return {
    kind: "boxes",
    values: Float32Array.from(kept.flatMap((index) => [...values.subarray(4 * index, 4 * index + 4)])),
    labels: Int32Array.from(kept, (index) => labels[index] ?? 0),
  };
}

/** The points in the frame of the window; those outside stay outside. */
export function cropKeypoints({ values }: Keypoints, window: Window): Keypoints {
  checkWindow("crop", window);
  return { kind: "keypoints", values: values.map((value, i) => value - (i % 2 === 0 ? window.left : window.top)) };
}

/** To the nearest whole number, halves to the even one. */
function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}

/** The window in the middle of an image; one that is larger than the image reaches beyond it on both sides. */
export function centreWindow({ height, width }: Canvas, image: Canvas): Window {
  const start = (size: number, whole: number): number =>
    size > whole ? -Math.floor((size - whole) / 2) : roundHalfToEven((whole - size) / 2);
  return { top: start(height, image.height), left: start(width, image.width), height, width };
}

/** Five windows of an image, as they are averaged over when AlexNet is tested: upper left, upper right, lower left, lower right, middle. */
export function fiveWindows({ height, width }: Canvas, image: Canvas): readonly Window[] {
  const [bottom, right] = [image.height - height, image.width - width];
  if (bottom < 0 || right < 0)
    throw new AttributeError(
      "fiveWindows",
      `windows of ${height}x${width} do not fit into ${image.height}x${image.width}`,
      "use smaller ones",
    );
  const corners = [0, bottom].flatMap((top) => [0, right].map((left) => ({ top, left, height, width })));
  return [...corners, centreWindow({ height, width }, image)];
}

/** The window that pads an image by so many pixels on each side; fewer than 0 cut off. */
export function paddedWindow(
  [left, top, right, bottom]: readonly [left: number, top: number, right: number, bottom: number],
  { height, width }: Canvas,
): Window {
  return { top: -top, left: -left, height: height + top + bottom, width: width + left + right };
}
