// Rectangles of batches replaced, on the backend.
import {
  ShapeError,
  type Tensor,
  add,
  at,
  cast,
  greater,
  iota,
  isTensor,
  less,
  lessEqual,
  logicalAnd,
  matmul,
  reshape,
  slice,
  tensor,
  transpose,
  where,
} from "@stria/core";
import { type Fill, fillsOf } from "../fill.ts";
import { type Window, checkWindow } from "../window.ts";
import { checkBatch, checkCount, sidesOf } from "./batch.ts";

/** The rectangles of an image: one, several, or none. */
export type ErasedWindows = Window | readonly Window[];

/** `[N, K, 4]`: top, left, height and width; what an image has fewer of than another is rectangles without pixels. */
function windowsTensor(windows: readonly ErasedWindows[]): Tensor {
  const lists = windows.map((own) => ("top" in own ? [own] : own));
  const most = Math.max(1, ...lists.map((list) => list.length));
  const values = new Int32Array(lists.length * most * 4);
  for (const [index, list] of lists.entries())
    for (const [place, window] of list.entries()) {
      if (window.height === 0 || window.width === 0) continue;
      checkWindow("eraseBatch", window);
      values.set([window.top, window.left, window.height, window.width], 4 * (index * most + place));
    }
  return tensor(values, { shape: [lists.length, most, 4] });
}

/** Which places along an axis are in each rectangle: [N, K, length] of 0 and 1. */
function within(windows: Tensor, axis: 0 | 1, length: number): Tensor {
  const [count, most] = [at(windows.shape, 0), at(windows.shape, 1)];
  const first = slice(windows, [0, 0, axis], [count, most, 1]);
  const places = iota([1, 1, length], 2);
  const end = add(first, slice(windows, [0, 0, axis + 2], [count, most, 1]));
  return cast(logicalAnd(lessEqual(first, places), less(places, end)), "float32");
}

/**
 * A batch `[N, C, H, W]` of floats with rectangles replaced, as `eraseImage` does it: by a number, one for each channel, or by the values of a tensor of the
 * images' shape (such as noise). Rectangles are lists, one for each image, or an int32 tensor `[N, K, 4]` of top, left, height and width, which may be an
 * argument of a compiled function; they may reach beyond the image.
 * @throws ShapeError for no batch, another number of lists, or a tensor of another shape; AttributeError for a rectangle not of whole pixels, or a fill that does not fit
 */
export function eraseBatch(
  images: Tensor,
  windows: readonly ErasedWindows[] | Tensor,
  fill: Fill | Tensor = 0,
): Tensor {
  checkBatch("eraseBatch", images);
  const [count, channels, height, width] = sidesOf(images);
  if (isTensor(windows) && (windows.rank !== 3 || at(windows.shape, 2) !== 4 || at(windows.shape, 1) === 0))
    throw new ShapeError(
      "eraseBatch",
      `rectangles of shape [${windows.shape.join(", ")}]`,
      "give [count, rectangles, 4]: top, left, height, width",
    );
  checkCount("eraseBatch", "lists of rectangles", isTensor(windows) ? at(windows.shape, 0) : windows.length, images);
  if (isTensor(fill) && fill.shape.join() !== images.shape.join())
    throw new ShapeError(
      "eraseBatch",
      `a fill of shape [${fill.shape.join(", ")}] for images of [${images.shape.join(", ")}]`,
      "give a value for each of the images'",
    );
  const colour = isTensor(fill)
    ? fill
    : tensor(Float32Array.from(fillsOf("eraseBatch", new Float32Array(0), fill, channels)), {
        shape: [1, channels, 1, 1],
      });
  const rectangles = isTensor(windows) ? windows : windowsTensor(windows);
  // Of each pixel, in how many rectangles it is.
  const covered = matmul(transpose(within(rectangles, 0, height), [0, 2, 1]), within(rectangles, 1, width));
  return where(greater(reshape(covered, [count, 1, height, width]), 0.5), colour, images);
}
