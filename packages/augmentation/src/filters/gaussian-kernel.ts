// The bell curve on whole pixels.
import { AttributeError } from "@stria/core";

/** @throws AttributeError for a size that is not an odd whole number. */
export function checkOdd(name: string, what: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 1 || size % 2 === 0)
    throw new AttributeError(name, `${what} is ${size}`, "use an odd whole number from 1");
}

/** Weights exp(-x^2 / (2 sigma^2)) of `size` pixels around the middle one, which sum to 1. @throws AttributeError for an even size, or a sigma that is not above 0. */
export function gaussianKernel(name: string, size: number, sigma: number): Float64Array {
  checkOdd(name, "the kernel's size", size);
  if (!(sigma > 0 && Number.isFinite(sigma)))
    throw new AttributeError(name, `sigma is ${sigma}`, "use a number of pixels above 0");
  const weights = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
