// Colours, normalisation and mixing of batches on the backend: floats from 0 to 1, part of any compiled step, and differentiable.
import {
  AttributeError,
  ShapeError,
  type Tensor,
  type TensorLike,
  add,
  at,
  concat,
  maximum,
  mean,
  minimum,
  mul,
  slice,
  sub,
  sum,
  tensor,
} from "@stria/core";
import { type ChannelStatistics, checkStatistics } from "../statistics/normalise.ts";

/** The grey of red, green and blue, as of images. */
const shares = [0.2989, 0.587, 0.114];

/** @throws ShapeError for a batch that is not [N, C, H, W], C being `channels` where they are told. */
function checkBatch(name: string, images: Tensor, channels: readonly number[] = []): void {
  if (images.rank === 4 && (channels.length === 0 || channels.includes(at(images.shape, 1)))) return;
  const wanted = channels.length === 0 ? "channels" : channels.join(" or ");
  throw new ShapeError(name, `a batch of shape [${images.shape.join(", ")}]`, `give [count, ${wanted}, height, width]`);
}

/** One factor for all images, or `[N]`, one for each, as `[N, 1, 1, 1]`. @throws ShapeError for another number of factors; AttributeError for one below 0 */
function factorsOf(name: string, images: Tensor, factors: number | readonly number[]): TensorLike | number {
  const list = typeof factors === "number" ? [factors] : factors;
  const wrong = list.find((factor) => !(factor >= 0 && Number.isFinite(factor)));
  if (wrong !== undefined)
    throw new AttributeError(name, `a factor is ${wrong}`, "use finite numbers from 0; 1 changes nothing");
  if (typeof factors === "number") return factors;
  if (factors.length === at(images.shape, 0))
    return tensor(Float32Array.from(factors), { shape: [factors.length, 1, 1, 1] });
  throw new ShapeError(
    name,
    `${factors.length} factors for ${at(images.shape, 0)} images`,
    "pass one for all, or one for each",
  );
}

/** other + factor (images - other), from 0 to 1. */
function blended(images: Tensor, other: TensorLike | number, factor: TensorLike | number): Tensor {
  return minimum(maximum(add(mul(sub(images, other), factor), other), 0), 1);
}

function grey(images: Tensor): Tensor {
  if (at(images.shape, 1) === 1) return images;
  return sum(mul(images, tensor(shares, { shape: [1, 3, 1, 1] })), 1, { keepDims: true });
}

/** A batch `[N, C, H, W]` so many times as bright, as `adjustBrightness` does it; one factor, or one for each image. @throws ShapeError for no batch, or another number of factors; AttributeError for a factor below 0 */
export function brightnessBatch(images: Tensor, factors: number | readonly number[]): Tensor {
  checkBatch("brightnessBatch", images);
  return blended(images, 0, factorsOf("brightnessBatch", images, factors));
}

/** A batch `[N, C, H, W]` with so many times the contrast, as `adjustContrast` does it; one factor, or one for each image. @throws ShapeError for no batch of grey or coloured images, or another number of factors; AttributeError for a factor below 0 */
export function contrastBatch(images: Tensor, factors: number | readonly number[]): Tensor {
  checkBatch("contrastBatch", images, [1, 3]);
  const middle = mean(grey(images), [1, 2, 3], { keepDims: true });
  return blended(images, middle, factorsOf("contrastBatch", images, factors));
}

/** A batch `[N, C, H, W]` with colours so many times as strong, as `adjustSaturation` does it; one factor, or one for each image. @throws ShapeError for no batch of grey or coloured images, or another number of factors; AttributeError for a factor below 0 */
export function saturationBatch(images: Tensor, factors: number | readonly number[]): Tensor {
  checkBatch("saturationBatch", images, [1, 3]);
  const factor = factorsOf("saturationBatch", images, factors);
  return at(images.shape, 1) === 1 ? images : blended(images, grey(images), factor);
}

/** (x - mean) / std of each channel of a batch `[N, C, H, W]`, as `normaliseImage` does it. @throws ShapeError for no batch, or another number of channels; AttributeError for a std that is not above 0 */
export function normaliseBatch(images: Tensor, statistics: ChannelStatistics): Tensor {
  checkStatistics(statistics);
  const { mean: middle, std } = statistics;
  checkBatch("normaliseBatch", images, [middle.length]);
  const shape = [1, middle.length, 1, 1];
  const scales = std.map((spread) => 1 / spread);
  return mul(sub(images, tensor(Float32Array.from(middle), { shape })), tensor(scales, { shape }));
}

/** Each entry of a batch of images or of shares of labels, lambda times, plus 1 - lambda times the one before it; before the first is the last. @throws AttributeError for a lambda that is not from 0 to 1 */
export function mixupBatch(batch: Tensor, lambda: number): Tensor {
  if (!(lambda >= 0 && lambda <= 1))
    throw new AttributeError("mixupBatch", `lambda is ${lambda}`, "use a number from 0 to 1");
  const [count, ...rest] = batch.shape;
  if (count === undefined || count < 2) return batch;
  const zeros = rest.map(() => 0);
  const partners = concat(
    [slice(batch, [count - 1, ...zeros], [1, ...rest]), slice(batch, [0, ...zeros], [count - 1, ...rest])],
    0,
  );
  return add(mul(batch, lambda), mul(partners, 1 - lambda));
}
