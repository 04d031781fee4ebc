// Sums of weighted neighbours, where the image goes on as its mirror image (the border pixel not repeated).
import { AttributeError } from "@stria/core";
import type { Canvas, Image, Pixels } from "../parts.ts";
import { emptyLike, inside } from "../window.ts";

/** @throws AttributeError where the mirror image is too short for the kernel. */
export function checkReach(name: string, { height, width }: Canvas, down: number, across: number): void {
  if (down >= height || across >= width)
    throw new AttributeError(
      name,
      `a kernel that reaches ${down} rows and ${across} columns is too large for an image of ${height}x${width}`,
      "use a smaller kernel or a larger image",
    );
}

/** Where the neighbours of each place are, of which `reach` lie on each side. */
function mirrored(length: number, reach: number): Int32Array {
  return Int32Array.from({ length: length + 2 * reach }, (_, i) => inside.reflect(i - reach, length));
}

/** One plane after a filter along its rows and one along its columns. `into` may be `from`. */
export function separable(
  from: ArrayLike<number>,
  at: number,
  { height, width }: Canvas,
  across: Float64Array,
  down: Float64Array,
  into: Float32Array | Float64Array | Uint8ClampedArray,
): void {
  const [columns, rows] = [mirrored(width, across.length >> 1), mirrored(height, down.length >> 1)];
  const [padded, between] = [new Float64Array(columns.length), new Float64Array(height * width)];
  for (let row = 0; row < height; row++) {
    for (let i = 0; i < padded.length; i++) padded[i] = from[at + row * width + (columns[i] ?? 0)] ?? 0;
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let tap = 0; tap < across.length; tap++) sum += (across[tap] ?? 0) * (padded[column + tap] ?? 0);
      between[row * width + column] = sum;
    }
  }
  const sums = new Float64Array(width);
  for (let row = 0; row < height; row++) {
    sums.fill(0);
    for (let tap = 0; tap < down.length; tap++) {
      const [weight, start] = [down[tap] ?? 0, (rows[row + tap] ?? 0) * width];
      for (let column = 0; column < width; column++)
        sums[column] = (sums[column] ?? 0) + weight * (between[start + column] ?? 0);
    }
    into.set(sums, at + row * width);
  }
}

/** A filter of some rows, each as long. */
export type Kernel = readonly (readonly number[])[];

/** Cross-correlation of each plane with a kernel of odd sides. */
export function correlated({ values, shape: [channels, height, width] }: Image, kernel: Kernel): Float64Array {
  const [down, across] = [kernel.length >> 1, (kernel[0]?.length ?? 0) >> 1];
  const [rows, columns] = [mirrored(height, down), mirrored(width, across)];
  const taps = kernel.flatMap((weights, row) =>
    weights.flatMap((weight, column) => (weight === 0 ? [] : [{ weight, row, column }])),
  );
  const made = new Float64Array(values.length);
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < height; row++) {
      const to = (channel * height + row) * width;
      for (const tap of taps) {
        const from = (channel * height + (rows[row + tap.row] ?? 0)) * width;
        for (let column = 0; column < width; column++)
          made[to + column] =
            (made[to + column] ?? 0) + tap.weight * (values[from + (columns[column + tap.column] ?? 0)] ?? 0);
      }
    }
  return made;
}

/** Sums as pixels: bytes rounded and clamped. */
export function asPixels<Values extends Pixels>(like: Values, sums: Float64Array): Values {
  const made = emptyLike(like, sums.length);
  (made instanceof Float32Array ? made : new Uint8ClampedArray(made.buffer)).set(sums);
  return made;
}
