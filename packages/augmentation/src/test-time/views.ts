// Test-time augmentation: a network looks at an image in several ways, and what it finds is brought back to the image.
import { AttributeError, ShapeError } from "@stria/core";
import { flipBoxes, flipImage, flipKeypoints, flipMask } from "../flip.ts";
import { resizeBoxes, resizeImage, resizeKeypoints, resizeMask } from "../geometry/resize.ts";
import { turnBoxes, turnImage, turnKeypoints, turnMask, turnedCanvas } from "../geometry/turn.ts";
import type { Boxes, Canvas, Image, Keypoints, Labels, Mask, Pixels } from "../parts.ts";

/** A way to look at an image, and the way back for what is found in the view. */
export interface View {
  readonly name: string;
  /** The size of the view. */
  readonly canvas: Canvas;
  /** The image as it is seen. */
  image<Values extends Pixels>(image: Image<Values>): Image<Values>;
  /** Maps of the view, such as scores of pixels, as they are on the image. */
  undoImage<Values extends Pixels>(maps: Image<Values>): Image<Values>;
  /** A mask of the view as it is on the image. */
  undoMask<Values extends Labels>(mask: Mask<Values>): Mask<Values>;
  /** Boxes of the view where they are in the image. */
  undoBoxes(boxes: Boxes): Boxes;
  /** Points of the view where they are in the image. */
  undoKeypoints(points: Keypoints): Keypoints;
}

export interface ViewOptions {
  /** Whether each view is also seen in a mirror, left and right exchanged. Default true. */
  readonly flip?: boolean;
  /** Quarter turns, counter-clockwise. Default 0 alone. */
  readonly turns?: readonly number[];
  /** How many times as large. Default 1 alone. */
  readonly scales?: readonly number[];
}

function scaled(before: Canvas, scale: number): View {
  const size = (side: number): number => Math.max(Math.round(side * scale), 1);
  const canvas = { height: size(before.height), width: size(before.width) };
  return {
    name: `scale ${scale}`,
    canvas,
    image: (image) => resizeImage(image, canvas),
    undoImage: (maps) => resizeImage(maps, before),
    undoMask: (mask) => resizeMask(mask, before),
    undoBoxes: (boxes) => resizeBoxes(boxes, before, canvas),
    undoKeypoints: (points) => resizeKeypoints(points, before, canvas),
  };
}

function turned(before: Canvas, turns: number): View {
  const canvas = turnedCanvas(before, turns);
  return {
    name: `turn ${turns}`,
    canvas,
    image: (image) => turnImage(image, turns),
    undoImage: (maps) => turnImage(maps, -turns),
    undoMask: (mask) => turnMask(mask, -turns),
    undoBoxes: (boxes) => turnBoxes(boxes, -turns, canvas),
    undoKeypoints: (points) => turnKeypoints(points, -turns, canvas),
  };
}

function mirrored(canvas: Canvas): View {
  return {
    name: "flip",
    canvas,
    image: (image) => flipImage(image, "horizontal"),
    undoImage: (maps) => flipImage(maps, "horizontal"),
    undoMask: (mask) => flipMask(mask, "horizontal"),
    undoBoxes: (boxes) => flipBoxes(boxes, "horizontal", canvas),
    undoKeypoints: (points) => flipKeypoints(points, "horizontal", canvas),
  };
}

function after(first: View, second: View): View {
  return {
    name: `${first.name}, ${second.name}`,
    canvas: second.canvas,
    image: (image) => second.image(first.image(image)),
    undoImage: (maps) => first.undoImage(second.undoImage(maps)),
    undoMask: (mask) => first.undoMask(second.undoMask(mask)),
    undoBoxes: (boxes) => first.undoBoxes(second.undoBoxes(boxes)),
    undoKeypoints: (points) => first.undoKeypoints(second.undoKeypoints(points)),
  };
}

/** All combinations of scales, turns and mirroring, of an image of that size. @throws AttributeError for a scale that is not above 0, or turns that are not whole */
export function testTimeViews(canvas: Canvas, { flip = true, turns = [0], scales = [1] }: ViewOptions = {}): View[] {
  const wrong = scales.find((scale) => !(scale > 0 && Number.isFinite(scale)));
  if (wrong !== undefined) throw new AttributeError("testTimeViews", `a scale is ${wrong}`, "use numbers above 0");
  return scales.flatMap((scale) =>
    turns.flatMap((turn) => {
      const first = scaled(canvas, scale);
      const view = after(first, turned(first.canvas, turn));
      return flip ? [view, after(view, mirrored(view.canvas))] : [view];
    }),
  );
}

/** The mean of maps of one size, such as the scores of all views brought back. @throws ShapeError for maps of different sizes, or none */
export function averageMaps(maps: readonly Image[]): Image<Float32Array> {
  const [first] = maps;
  if (!first || maps.some(({ shape }) => shape.join() !== first.shape.join()))
    throw new ShapeError("averageMaps", "maps of different sizes, or none", "bring all views back first");
  const sums = new Float64Array(first.values.length);
  for (const { values } of maps)
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (values[i] ?? 0) / maps.length;
  return { kind: "image", values: Float32Array.from(sums), shape: first.shape };
}
