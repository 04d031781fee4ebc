// Quarter turns, which move pixels and mix none.
import { AttributeError } from "@stria/core";
import type { Boxes, Canvas, Image, Keypoints, Labels, Mask, Pixels } from "../parts.ts";
import { type Elements, emptyLike } from "../window.ts";

/** From 0 to 3 quarter turns. @throws AttributeError for a number of turns that is not whole. */
function quarters(turns: number): number {
  if (!Number.isSafeInteger(turns)) throw new AttributeError("turn", `turns is ${turns}`, "use a whole number");
  return ((turns % 4) + 4) % 4;
}

/** The size of an image of size `canvas` after quarter turns. */
export function turnedCanvas(canvas: Canvas, turns: number): Canvas {
  return quarters(turns) % 2 === 0 ? canvas : { height: canvas.width, width: canvas.height };
}

function turned<Kind extends Elements>(values: Kind, planes: number, { height, width }: Canvas, turns: number): Kind {
  const size = height * width;
  const after = turnedCanvas({ height, width }, turns);
  // Where the first pixel of a turned plane comes from, and how far on its neighbours are, to the right and below.
  const [start = 0, right = 0, down = 0] =
    [
      [0, 1, width],
      [width - 1, width, -1],
      [size - 1, -1, -width],
      [size - width, -width, 1],
    ][quarters(turns)] ?? [];
  const made = emptyLike(values, values.length);
  let to = 0;
  for (let plane = 0; plane < planes; plane++)
    for (let row = 0; row < after.height; row++) {
      let from = plane * size + start + row * down;
      for (let column = 0; column < after.width; column++, from += right) made[to++] = values[from] ?? 0;
    }
  return made;
}

/** The image after quarter turns, counter-clockwise. @throws AttributeError for a number of turns that is not whole. */
export function turnImage<Values extends Pixels>({ values, shape }: Image<Values>, turns: number): Image<Values> {
  const [channels, height, width] = shape;
  const after = turnedCanvas({ height, width }, turns);
  return {
    kind: "image",
    values: turned(values, channels, { height, width }, turns),
    shape: [channels, after.height, after.width],
  };
}

/** The mask after quarter turns, counter-clockwise. @throws AttributeError for a number of turns that is not whole. */
export function turnMask<Values extends Labels>({ values, shape }: Mask<Values>, turns: number): Mask<Values> {
  const [height, width] = shape;
  const after = turnedCanvas({ height, width }, turns);
  return { kind: "mask", values: turned(values, 1, { height, width }, turns), shape: [after.height, after.width] };
}

/** Where a point of an image of size `canvas` is after quarter turns. */
function turnedPoint(x: number, y: number, { height, width }: Canvas, turns: number): readonly [number, number] {
  const [atX = x, atY = y] =
    [
      [x, y],
      [y, width - x],
      [width - x, height - y],
      [height - y, x],
    ][quarters(turns)] ?? [];
  return [atX, atY];
}

/** Boxes of an image of size `canvas` after quarter turns, counter-clockwise. @throws AttributeError for a number of turns that is not whole. */
export function turnBoxes({ values, labels }: Boxes, turns: number, canvas: Canvas): Boxes {
  const made = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += 4) {
    const [left = 0, top = 0, right = 0, bottom = 0] = values.subarray(at, at + 4);
    const [x1, y1] = turnedPoint(left, top, canvas, turns);
    const [x2, y2] = turnedPoint(right, bottom, canvas, turns);
    made.set([Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)], at);
  }
  return { kind: "boxes", values: made, labels };
}

/** Points of an image of size `canvas` after quarter turns, counter-clockwise. @throws AttributeError for a number of turns that is not whole. */
export function turnKeypoints({ values }: Keypoints, turns: number, canvas: Canvas): Keypoints {
  const made = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += 2)
    made.set(turnedPoint(values[at] ?? 0, values[at + 1] ?? 0, canvas, turns), at);
  return { kind: "keypoints", values: made };
}
