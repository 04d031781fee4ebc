// ZCA whitening (Bell & Sejnowski 1997; Krizhevsky 2009): features without correlation that still look like the image.
import { AttributeError, ShapeError } from "@stria/core";
import { covarianceOf, symmetricEigen } from "./eigen.ts";

export interface Whitening {
  /** Of each feature. */
  readonly mean: Float64Array;
  /** `[features, features]`, symmetric. */
  readonly matrix: Float64Array;
}

/**
 * What whitens samples `[count, features]` such as these: U diag(1 / sqrt(lambda + epsilon)) U^T of their covariance. Takes memory and time of the square
 * and the cube of the number of features.
 * @throws AttributeError for an epsilon below 0; ShapeError for samples that are not as many
 */
export function zcaWhitening(samples: Float32Array, features: number, epsilon = 0.1): Whitening {
  if (!(epsilon >= 0)) throw new AttributeError("zca", `epsilon is ${epsilon}`, "use a number from 0");
  const count = samples.length / features;
  if (!Number.isSafeInteger(count) || count < 1)
    throw new ShapeError(
      "zca",
      `${samples.length} numbers are no samples of ${features} features`,
      "pass whole samples",
    );
  const { mean, covariance } = covarianceOf(samples, count, features);
  const { values, vectors } = symmetricEigen(covariance, features);
  const matrix = new Float64Array(features * features);
  for (let k = 0; k < features; k++) {
    const weight = 1 / Math.sqrt(Math.max(values[k] ?? 0, 0) + epsilon);
    for (let i = 0; i < features; i++)
      for (let j = 0; j < features; j++) {
        const product = (vectors[i * features + k] ?? 0) * (vectors[j * features + k] ?? 0);
        matrix[i * features + j] = (matrix[i * features + j] ?? 0) + weight * product;
      }
  }
  return { mean, matrix };
}

/** Samples `[count, features]` whitened. @throws ShapeError for samples of another number of features */
export function whiten(samples: Float32Array, { mean, matrix }: Whitening): Float32Array {
  const features = mean.length;
  if (samples.length % features !== 0)
    throw new ShapeError(
      "zca",
      `${samples.length} numbers are no samples of ${features} features`,
      "pass whole samples",
    );
  const made = new Float32Array(samples.length);
  const sums = new Float64Array(features);
  for (let start = 0; start < samples.length; start += features) {
    sums.fill(0);
    for (let i = 0; i < features; i++) {
      const centred = (samples[start + i] ?? 0) - (mean[i] ?? 0);
      for (let j = 0; j < features; j++) sums[j] = (sums[j] ?? 0) + centred * (matrix[i * features + j] ?? 0);
    }
    made.set(sums, start);
  }
  return made;
}
