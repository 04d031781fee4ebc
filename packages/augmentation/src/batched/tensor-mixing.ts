// Mixed samples of batches on the backend: each entry with the one before it.
import { AttributeError, type Tensor, add, concat, mul, slice } from "@stria/core";
import type { Window } from "../window.ts";
import { checkBatch } from "./batch.ts";
import { eraseBatch } from "./tensor-erasing.ts";

/** What is before each entry; before the first is the last. */
function partnersOf(batch: Tensor): Tensor {
  const [count = 0, ...rest] = batch.shape;
  const zeros = rest.map(() => 0);
  return concat(
    [slice(batch, [count - 1, ...zeros], [1, ...rest]), slice(batch, [0, ...zeros], [count - 1, ...rest])],
    0,
  );
}

/** Each entry of a batch of images or of shares of labels, lambda times, plus 1 - lambda times the one before it; before the first is the last. @throws AttributeError for a lambda that is not from 0 to 1 */
export function mixupBatch(batch: Tensor, lambda: number): Tensor {
  if (!(lambda >= 0 && lambda <= 1))
    throw new AttributeError("mixupBatch", `lambda is ${lambda}`, "use a number from 0 to 1");
  const [count = 0] = batch.shape;
  if (count < 2) return batch;
  return add(mul(batch, lambda), mul(partnersOf(batch), 1 - lambda));
}

/** Each image of a batch `[N, C, H, W]` with what the one before it has in a window, as `cutmixImages` does it; before the first is the last. @throws ShapeError for no batch; AttributeError for a window not of whole pixels */
export function cutmixBatch(images: Tensor, window: Window): Tensor {
  checkBatch("cutmixBatch", images);
  const [count = 0] = images.shape;
  if (count < 2) return images;
  return eraseBatch(
    images,
    Array.from({ length: count }, () => window),
    partnersOf(images),
  );
}
