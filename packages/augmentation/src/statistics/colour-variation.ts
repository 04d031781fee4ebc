// The directions in which the colours of images vary (Krizhevsky et al. 2012, section 4.1).
import { ShapeError } from "@stria/core";
import type { ColourVariation } from "../colour/channels.ts";
import { boundOf } from "../colour/levels.ts";
import type { Image } from "../parts.ts";
import { covarianceOf, symmetricEigen } from "./eigen.ts";

/** The principal components of the pixels of all images, as of values from 0 to 1: eigenvalues falling. @throws ShapeError for images of different numbers of channels, or none */
export function colourVariation(images: readonly Image[]): ColourVariation {
  const channels = images[0]?.shape[0] ?? 0;
  if (images.length === 0 || images.some(({ shape }) => shape[0] !== channels))
    throw new ShapeError(
      "colourVariation",
      "images of different numbers of channels, or none",
      "pass images of one kind",
    );
  const pixels = images.flatMap(({ values, shape: [, height, width] }) => {
    const size = height * width;
    return Array.from(
      { length: size * channels },
      (_, i) => (values[(i % channels) * size + Math.floor(i / channels)] ?? 0) / boundOf(values),
    );
  });
  const { covariance } = covarianceOf(pixels, pixels.length / channels, channels);
  const { values, vectors } = symmetricEigen(covariance, channels);
  return {
    eigenvalues: [...values],
    eigenvectors: Array.from({ length: channels }, (_, row) => [
      ...vectors.subarray(row * channels, (row + 1) * channels),
    ]),
  };
}
