// Mirror images, from left to right and upside down.
import type { Boxes, Canvas, Image, Keypoints, Labels, Mask, Pixels } from "./parts.ts";
import { emptyLike } from "./window.ts";

/** Which way: `"horizontal"` exchanges left and right, `"vertical"` top and bottom. */
export type Direction = "horizontal" | "vertical";

function mirrored<Values extends Pixels | Labels>(
  values: Values,
  rows: number,
  height: number,
  width: number,
  direction: Direction,
): Values {
  const made = emptyLike(values, values.length);
  if (direction === "horizontal") made.set(values);
  for (let row = 0; row < rows; row++) {
    const to = row * width;
    if (direction === "horizontal") made.subarray(to, to + width).reverse();
    else {
      const from = (row - 2 * (row % height) + height - 1) * width;
      made.set(values.subarray(from, from + width), to);
    }
  }
  return made;
}

/** The mirror image. */
export function flipImage<Values extends Pixels>(image: Image<Values>, direction: Direction): Image<Values> {
  const { values, shape } = image;
  const [channels, height, width] = shape;
  return { kind: "image", values: mirrored(values, channels * height, height, width, direction), shape };
}

/** The mirror image of a mask. */
export function flipMask<Values extends Labels>(mask: Mask<Values>, direction: Direction): Mask<Values> {
  const { values, shape } = mask;
  const [height, width] = shape;
  return { kind: "mask", values: mirrored(values, height, height, width, direction), shape };
}

/** Boxes of an image of size `canvas` where they are in its mirror image. */
export function flipBoxes({ values, labels }: Boxes, direction: Direction, { height, width }: Canvas): Boxes {
  const [side, first] = direction === "horizontal" ? [width, 0] : [height, 1];
  // What was the left edge is the right one then.
  const made = values.map((value, i) => (i % 2 === first ? side - (values[i % 4 < 2 ? i + 2 : i - 2] ?? 0) : value));
  return { kind: "boxes", values: made, labels };
}

/** Points of an image of size `canvas` where they are in its mirror image. */
export function flipKeypoints({ values }: Keypoints, direction: Direction, { height, width }: Canvas): Keypoints {
  const [side, first] = direction === "horizontal" ? [width, 0] : [height, 1];
  return { kind: "keypoints", values: values.map((value, i) => (i % 2 === first ? side - value : value)) };
}
