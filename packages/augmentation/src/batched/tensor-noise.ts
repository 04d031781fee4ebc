// Noise of batches on the backend; the random numbers are made on the host, of the keys that parameters hold, so that they are those of the functions of images.
import {
  type RandomKey,
  ShapeError,
  type Shape,
  type Tensor,
  add,
  fillNormal,
  fillUniform,
  greaterEqual,
  less,
  maximum,
  minimum,
  mul,
  showShape,
  sub,
  tensor,
  where,
} from "@stria/core";
import { type NumberRule, type PerImage, besideEach, checkBatch } from "./batch.ts";

/** Random numbers for each image, of the stream that its key names: `[keys, ...shape]`, normal ones, or uniform from 0 to 1. */
export function noiseBatch(keys: readonly RandomKey[], shape: Shape, kind: "normal" | "uniform"): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = new Float32Array(keys.length * size);
  const fill = kind === "normal" ? fillNormal : fillUniform;
  for (const [index, key] of keys.entries()) fill(key, 0, values.subarray(index * size, (index + 1) * size));
  return tensor(values, { shape: [keys.length, ...shape] });
}

function checkNoise(name: string, noise: Tensor, wanted: Shape): void {
  if (noise.shape.join() !== wanted.join())
    throw new ShapeError(
      name,
      `noise of shape ${showShape(noise.shape)}`,
      `give numbers of shape ${showShape(wanted)}`,
    );
}

export interface GaussianNoiseBatchOptions {
  /** Of images from 0 to 1. Default 0. */
  readonly mean?: number;
  /** Whether what comes out is cut to what is from 0 to 1. Default true. */
  readonly clip?: boolean;
}

const sigmaRule: NumberRule = { what: "sigma", least: 0, most: Infinity };

/** A batch `[N, C, H, W]` plus mean + sigma times standard normal noise of the same shape, as `addNoise` does it; one sigma, or one for each image. @throws ShapeError for no batch, noise of another shape, or another number of sigmas; AttributeError for a sigma below 0 */
export function gaussianNoiseBatch(
  images: Tensor,
  noise: Tensor,
  sigma: PerImage,
  { mean = 0, clip = true }: GaussianNoiseBatchOptions = {},
): Tensor {
  checkBatch("gaussianNoiseBatch", images);
  checkNoise("gaussianNoiseBatch", noise, images.shape);
  const noisy = add(images, add(mul(noise, besideEach("gaussianNoiseBatch", images, sigma, sigmaRule)), mean));
  return clip ? minimum(maximum(noisy, 0), 1) : noisy;
}

const amountRule: NumberRule = { what: "amount", least: 0, most: 1 };

/** A batch `[N, C, H, W]` with a share of its pixels black or white, by uniform noise `[N, 1, H, W]`, as `saltAndPepper` does it; one share, or one for each image. @throws ShapeError for no batch, noise of another shape, or another number of shares; AttributeError for a share that is not from 0 to 1 */
export function saltAndPepperBatch(images: Tensor, noise: Tensor, amount: PerImage): Tensor {
  checkBatch("saltAndPepperBatch", images);
  checkNoise(
    "saltAndPepperBatch",
    noise,
    images.shape.map((side, axis) => (axis === 1 ? 1 : side)),
  );
  const share = besideEach("saltAndPepperBatch", images, amount, amountRule);
  const half = typeof share === "number" ? Math.fround(Math.fround(share) / 2) : mul(share, 0.5);
  const rest = typeof half === "number" ? 1 - half : sub(1, half);
  return where(less(noise, half), 0, where(greaterEqual(noise, rest), 1, images));
}
