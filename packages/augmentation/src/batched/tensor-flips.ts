// Mirror images of batches on the backend.
import { type Tensor, cast, flip, isTensor, tensor, where } from "@stria/core";
import type { Direction } from "../flip.ts";
import { besideImages, checkBatch } from "./batch.ts";

/**
 * A batch `[N, C, H, W]` of which those images are mirrored that are to be, as `flipImage` does it: all of them by default, or one answer for each, as a list
 * or a tensor `[N]` of bool that may be an argument of a compiled function.
 * @throws ShapeError for no batch, or another number of answers
 */
export function flipBatch(
  images: Tensor,
  direction: Direction,
  flips: boolean | readonly boolean[] | Tensor = true,
): Tensor {
  checkBatch("flipBatch", images);
  if (flips === false) return images;
  const mirrored = flip(images, direction === "horizontal" ? 3 : 2);
  if (flips === true) return mirrored;
  const wanted = isTensor(flips) ? flips : tensor(Uint8Array.from(flips, Number), { shape: [flips.length] });
  return where(cast(besideImages("flipBatch", "flips", images, wanted), "bool"), mirrored, images);
}
