// Colours and normalisation of batches on the backend: floats from 0 to 1, part of any compiled step, and differentiable.
import {
  type Tensor,
  type TensorLike,
  add,
  at,
  concat,
  div,
  equal,
  floor,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  slice,
  sub,
  sum,
  tensor,
  where,
} from "@stria/core";
import { type NumberRule, type PerImage, besideEach, checkBatch, sidesOf } from "./batch.ts";
import { type ChannelStatistics, checkStatistics } from "../statistics/normalise.ts";

/** The grey of red, green and blue, as of images. */
const shares = [0.2989, 0.587, 0.114];

const factorRule: NumberRule = { what: "factor", least: 0, most: Infinity };

/** other + factor (images - other), from 0 to 1. */
function blended(images: Tensor, other: TensorLike | number, factor: TensorLike | number): Tensor {
  return minimum(maximum(add(mul(sub(images, other), factor), other), 0), 1);
}

function grey(images: Tensor): Tensor {
  if (at(images.shape, 1) === 1) return images;
  return sum(mul(images, tensor(shares, { shape: [1, 3, 1, 1] })), 1, { keepDims: true });
}

/** A batch `[N, C, H, W]` so many times as bright, as `adjustBrightness` does it; one factor, or one for each image. @throws ShapeError for no batch, or another number of factors; AttributeError for a factor below 0 */
export function brightnessBatch(images: Tensor, factors: PerImage): Tensor {
  checkBatch("brightnessBatch", images);
  return blended(images, 0, besideEach("brightnessBatch", images, factors, factorRule));
}

/** A batch `[N, C, H, W]` with so many times the contrast, as `adjustContrast` does it; one factor, or one for each image. @throws ShapeError for no batch of grey or coloured images, or another number of factors; AttributeError for a factor below 0 */
export function contrastBatch(images: Tensor, factors: PerImage): Tensor {
  checkBatch("contrastBatch", images, [1, 3]);
  const middle = mean(grey(images), [1, 2, 3], { keepDims: true });
  return blended(images, middle, besideEach("contrastBatch", images, factors, factorRule));
}

/** A batch `[N, C, H, W]` with colours so many times as strong, as `adjustSaturation` does it; one factor, or one for each image. @throws ShapeError for no batch of grey or coloured images, or another number of factors; AttributeError for a factor below 0 */
export function saturationBatch(images: Tensor, factors: PerImage): Tensor {
  checkBatch("saturationBatch", images, [1, 3]);
  const factor = besideEach("saturationBatch", images, factors, factorRule);
  return at(images.shape, 1) === 1 ? images : blended(images, grey(images), factor);
}

const shareRule: NumberRule = { what: "share", least: -0.5, most: 0.5 };

/** A batch `[N, C, H, W]` with its hues turned by a share of the circle, from -0.5 to 0.5, as `adjustHue` does it; one share, or one for each image. @throws ShapeError for no batch of grey or coloured images, or another number of shares; AttributeError for a share out of range */
export function hueBatch(images: Tensor, turns: PerImage): Tensor {
  checkBatch("hueBatch", images, [1, 3]);
  const share = besideEach("hueBatch", images, turns, shareRule);
  const turn = typeof share === "number" ? 6 * share : mul(share, 6);
  if (at(images.shape, 1) === 1) return images;
  const [count, , height, width] = sidesOf(images);
  const plane = (channel: number): Tensor => slice(images, [0, channel, 0, 0], [count, 1, height, width]);
  const [red, green, blue] = [plane(0), plane(1), plane(2)];
  const largest = max(images, 1, { keepDims: true });
  const range = sub(largest, min(images, 1, { keepDims: true }));
  const colourless = equal(range, 0);
  const divisor = where(colourless, 1, range);
  // From 0 to 6, of which of the three is the largest and how the others lie: red at 0, green at 2, blue at 4.
  const coloured = where(
    equal(red, largest),
    div(sub(green, blue), divisor),
    where(equal(green, largest), add(div(sub(blue, red), divisor), 2), add(div(sub(red, green), divisor), 4)),
  );
  const sixths = add(where(colourless, 0, coloured), turn);
  // A channel is the largest around its own hue, the smallest around the opposite one, and between them a slope.
  const channels = [5, 3, 1].map((shift) => {
    const place = add(sixths, shift);
    const around = sub(place, mul(floor(div(place, 6)), 6));
    const part = maximum(minimum(minimum(around, sub(4, around)), 1), 0);
    return sub(largest, mul(range, part));
  });
  return concat(channels, 1);
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
