// Geometric augmentation of batches on the backend: linear in the images, so part of any compiled step, and differentiable.
import { ShapeError, type Tensor, add, at, matmul, mul, reshape, take, tensor, transpose } from "@stria/core";
import { gaussianKernel } from "../filters/gaussian-kernel.ts";
import { checkReach } from "../filters/correlate.ts";
import type { GaussianBlurParameters } from "../filters/blur.ts";
import { type ResizeOptions, checkSize } from "../geometry/resize.ts";
import { type AxisWeights, axisWeights, checkInterpolation } from "../geometry/resize-weights.ts";
import { type Warp, type WarpInterpolation, checkWarpInterpolation } from "../geometry/warp.ts";
import type { Canvas } from "../parts.ts";
import { inside } from "../window.ts";

/** @throws ShapeError for a batch that is not [N, C, H, W]. */
function canvasOf(name: string, images: Tensor): Canvas {
  if (images.rank !== 4)
    throw new ShapeError(
      name,
      `a batch of shape [${images.shape.join(", ")}]`,
      "give [count, channels, height, width]",
    );
  return { height: at(images.shape, 2), width: at(images.shape, 3) };
}

/** `rows` x of each image x `columns`: the matrices are `[new, old]`. */
function bothAxes(images: Tensor, rows: Tensor, columns: Tensor): Tensor {
  return matmul(matmul(rows, images), transpose(columns, [1, 0]));
}

function dense({ taps, first, weights }: AxisWeights, old: number): Tensor {
  const values = new Float32Array(first.length * old);
  for (let i = 0; i < first.length; i++)
    values.set(weights.subarray(i * taps, (i + 1) * taps), i * old + (first[i] ?? 0));
  return tensor(values, { shape: [first.length, old] });
}

/** A batch `[N, C, H, W]` in another size, as `resizeImage` does it. @throws ShapeError for no batch; AttributeError for an unknown interpolation, or a size without pixels */
export function resizeBatch(
  images: Tensor,
  size: Canvas,
  { interpolation = "bilinear", antialias = true }: ResizeOptions = {},
): Tensor {
  const { height, width } = canvasOf("resizeBatch", images);
  checkInterpolation("resizeBatch", interpolation);
  checkSize("resizeBatch", size);
  return bothAxes(
    images,
    dense(axisWeights(height, size.height, interpolation, antialias), height),
    dense(axisWeights(width, size.width, interpolation, antialias), width),
  );
}

/** The matrix of a filter along an axis that goes on as its mirror image. */
function mirroredFilter(weights: Float64Array, length: number): Tensor {
  const values = new Float64Array(length * length);
  for (let i = 0; i < length; i++)
    for (let tap = 0; tap < weights.length; tap++) {
      const place = i * length + inside.reflect(i + tap - (weights.length >> 1), length);
      values[place] = (values[place] ?? 0) + (weights[tap] ?? 0);
    }
  return tensor(Float32Array.from(values), { shape: [length, length] });
}

/** A batch `[N, C, H, W]` blurred, as `gaussianBlurImage` does it. @throws ShapeError for no batch; AttributeError for a size that is even or too large, or a sigma that is not above 0 */
export function gaussianBlurBatch(
  images: Tensor,
  { kernelSize: [across, down], sigma: [x, y] }: GaussianBlurParameters,
): Tensor {
  const canvas = canvasOf("gaussianBlurBatch", images);
  const [columns, rows] = [
    gaussianKernel("gaussianBlurBatch", across, x),
    gaussianKernel("gaussianBlurBatch", down, y),
  ];
  checkReach("gaussianBlurBatch", canvas, down >> 1, across >> 1);
  return bothAxes(images, mirroredFilter(rows, canvas.height), mirroredFilter(columns, canvas.width));
}

/** For each neighbour of each place: which pixel it is, and how much it counts. */
function tapsOf(warp: Warp, interpolation: WarpInterpolation): { indices: Int32Array; weights: Float32Array }[] {
  const { before, canvas, border } = warp;
  const size = canvas.height * canvas.width;
  const count = interpolation === "nearest" ? 1 : 4;
  const taps = Array.from({ length: count }, () => ({
    indices: new Int32Array(size),
    weights: new Float32Array(size),
  }));
  const [xs, ys] = [new Float64Array(canvas.width), new Float64Array(canvas.width)];
  for (let row = 0; row < canvas.height; row++) {
    warp.sources(row, xs, ys);
    for (let column = 0; column < canvas.width; column++) {
      const [x, y] = [(xs[column] ?? 0) - 0.5, (ys[column] ?? 0) - 0.5];
      for (const [tap, { indices, weights }] of taps.entries()) {
        let [i, j] =
          count === 1
            ? [Math.floor(y + 0.5), Math.floor(x + 0.5)]
            : [Math.floor(y) + (tap >> 1), Math.floor(x) + (tap & 1)];
        const share = count === 1 ? 1 : (1 - Math.abs(x - j)) * (1 - Math.abs(y - i));
        if (border === "reflect") [i, j] = [inside.reflect(i, before.height), inside.reflect(j, before.width)];
        if (i < 0 || i >= before.height || j < 0 || j >= before.width) continue;
        indices[row * canvas.width + column] = i * before.width + j;
        weights[row * canvas.width + column] = share;
      }
    }
  }
  return taps;
}

/** A batch `[N, C, H, W]` where a warp moves it to, 0 outside, as `warpImage` does it. @throws ShapeError for no batch, or one of another size than the warp is for; AttributeError for an unknown interpolation */
export function warpBatch(images: Tensor, warp: Warp, interpolation: WarpInterpolation = "bilinear"): Tensor {
  const canvas = canvasOf("warpBatch", images);
  checkWarpInterpolation("warpBatch", interpolation);
  const { before } = warp;
  if (canvas.height !== before.height || canvas.width !== before.width)
    throw new ShapeError(
      "warpBatch",
      `a warp for ${before.height}x${before.width} and images of ${canvas.height}x${canvas.width}`,
      "make the warp for the size of the images",
    );
  const [count, channels] = [at(images.shape, 0), at(images.shape, 1)];
  const flat = reshape(images, [count * channels, before.height * before.width]);
  const parts = tapsOf(warp, interpolation).map(({ indices, weights }) =>
    mul(take(flat, tensor(indices, { shape: [indices.length] }), 1), tensor(weights, { shape: [1, weights.length] })),
  );
  const sum = parts.reduce((total, part) => add(total, part));
  return reshape(sum, [count, channels, warp.canvas.height, warp.canvas.width]);
}
