// What JPEG makes of an image: rounded cosines of 8x8 blocks, and colours at half the resolution. Nothing is written or read.
import { AttributeError, ShapeError } from "@stria/core";
import { boundOf } from "../colour/levels.ts";
import { rounding } from "../geometry/warp.ts";
import type { Canvas, Image, Pixels } from "../parts.ts";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawnWhole, wholeRange } from "../range.ts";
import type { Transform } from "../transform.ts";
import { emptyLike } from "../window.ts";

/** The steps that the standard suggests at quality 50 (ITU-T T.81, annex K), row by row: brightness, then colour. */
const brightnessSteps: readonly number[] = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const colourSteps: readonly number[] = [
  [17, 18, 24, 47],
  [18, 21, 26, 66],
  [24, 26, 56, 99],
  [47, 66, 99, 99],
  ...Array.from({ length: 4 }, () => [99, 99, 99, 99]),
].flatMap((row) => [...row, 99, 99, 99, 99]);

const side = 8;

/** The cosine of frequency i at place j. */
function cosines(): Float64Array {
  return Float64Array.from({ length: side * side }, (_, at) => {
    const [frequency, place] = [Math.floor(at / side), at % side];
    const scale = Math.sqrt((frequency === 0 ? 1 : 2) / side);
    return scale * Math.cos(((2 * place + 1) * frequency * Math.PI) / (2 * side));
  });
}

/** The steps at a quality, as the library of the Independent JPEG Group scales them. */
function stepsAt(quality: number, steps: readonly number[]): readonly number[] {
  const percent = quality < 50 ? Math.trunc(5000 / quality) : 200 - 2 * quality;
  return steps.map((step) => Math.min(Math.max(Math.trunc((step * percent + 50) / 100), 1), 255));
}

/** rows x block x columns, with either of them transposed. */
function product(block: Float64Array, basis: Float64Array, back: boolean): Float64Array {
  const [between, made] = [new Float64Array(side * side), new Float64Array(side * side)];
  const at = (i: number, j: number): number => basis[back ? j * side + i : i * side + j] ?? 0;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++)
      for (let k = 0; k < side; k++)
        between[i * side + j] = (between[i * side + j] ?? 0) + at(i, k) * (block[k * side + j] ?? 0);
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++)
      for (let k = 0; k < side; k++)
        made[i * side + j] = (made[i * side + j] ?? 0) + (between[i * side + k] ?? 0) * at(j, k);
  return made;
}

/** Rounds the cosines of each block of a plane to steps; beyond the border the last pixels are repeated. */
function quantised(
  plane: Float64Array,
  { height, width }: Canvas,
  steps: readonly number[],
  basis: Float64Array,
): void {
  const block = new Float64Array(side * side);
  for (let top = 0; top < height; top += side)
    for (let left = 0; left < width; left += side) {
      for (let i = 0; i < block.length; i++) {
        const [row, column] = [Math.min(top + (i >> 3), height - 1), Math.min(left + (i & 7), width - 1)];
        block[i] = (plane[row * width + column] ?? 0) - 128;
      }
      const spectrum = product(block, basis, false).map((value, i) => {
        const step = steps[i] ?? 1;
        return Math.round(value / step) * step;
      });
      const back = product(spectrum, basis, true);
      for (let i = 0; i < block.length; i++) {
        const [row, column] = [top + (i >> 3), left + (i & 7)];
        if (row < height && column < width)
          plane[row * width + column] = Math.min(Math.max((back[i] ?? 0) + 128, 0), 255);
      }
    }
}

/** A plane of colour at half the resolution and back, each pixel the mean of two by two, quantised in between. */
function halved(
  plane: Float64Array,
  { height, width }: Canvas,
  change: (half: Float64Array, canvas: Canvas) => void,
): void {
  const small = { height: Math.ceil(height / 2), width: Math.ceil(width / 2) };
  const half = new Float64Array(small.height * small.width);
  for (let i = 0; i < half.length; i++) {
    const [row, column] = [2 * Math.floor(i / small.width), 2 * (i % small.width)];
    const [below, right] = [Math.min(row + 1, height - 1), Math.min(column + 1, width - 1)];
    const at = (y: number, x: number): number => plane[y * width + x] ?? 0;
    half[i] = (at(row, column) + at(row, right) + at(below, column) + at(below, right)) / 4;
  }
  change(half, small);
  // Back between the centres of the larger pixels, as decoders that smooth colours do it.
  const place = (i: number, length: number): number => Math.min(Math.max((i - 0.5) / 2, 0), length - 1);
  for (let i = 0; i < plane.length; i++) {
    const [y, x] = [place(Math.floor(i / width), small.height), place(i % width, small.width)];
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [bottom, right] = [Math.min(top + 1, small.height - 1), Math.min(left + 1, small.width - 1)];
    const at = (row: number, column: number): number => half[row * small.width + column] ?? 0;
    const upper = at(top, left) + (at(top, right) - at(top, left)) * (x - left);
    const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (x - left);
    plane[i] = upper + (lower - upper) * (y - top);
  }
}

/** The image as JPEG of a quality from 1 to 100 would give it back, colours at half the resolution. @throws AttributeError for another quality; ShapeError for an image that is neither grey nor of three colours */
export function jpegImage<Values extends Pixels>({ values, shape }: Image<Values>, quality: number): Image<Values> {
  if (!Number.isSafeInteger(quality) || quality < 1 || quality > 100)
    throw new AttributeError("jpeg", `quality is ${quality}`, "use a whole number from 1 to 100");
  const [channels, height, width] = shape;
  if (channels !== 1 && channels !== 3)
    throw new ShapeError("jpeg", `the image has ${channels} channels`, "use an image of 1 or 3 channels");
  const [size, scale, canvas] = [height * width, 255 / boundOf(values), { height, width }];
  const [basis, made] = [cosines(), emptyLike(values, values.length)];
  const channel = (index: number): Float64Array =>
    Float64Array.from(values.subarray(index * size, (index + 1) * size), (value) => value * scale);
  const rounded = rounding(made);
  if (channels === 1) {
    const plane = channel(0);
    quantised(plane, canvas, stepsAt(quality, brightnessSteps), basis);
    for (let i = 0; i < size; i++) rounded[i] = (plane[i] ?? 0) / scale;
    return { kind: "image", values: made, shape };
  }
  const [red, green, blue] = [channel(0), channel(1), channel(2)];
  const mixed = (r: number, g: number, b: number, offset: number): Float64Array =>
    red.map((value, i) => r * value + g * (green[i] ?? 0) + b * (blue[i] ?? 0) + offset);
  const y = mixed(0.299, 0.587, 0.114, 0);
  const [cb, cr] = [mixed(-0.168736, -0.331264, 0.5, 128), mixed(0.5, -0.418688, -0.081312, 128)];
  quantised(y, canvas, stepsAt(quality, brightnessSteps), basis);
  for (const plane of [cb, cr])
    halved(plane, canvas, (half, small) => quantised(half, small, stepsAt(quality, colourSteps), basis));
  for (let i = 0; i < size; i++) {
    const [light, b, r] = [y[i] ?? 0, (cb[i] ?? 0) - 128, (cr[i] ?? 0) - 128];
    const colours = [light + 1.402 * r, light - 0.344136 * b - 0.714136 * r, light + 1.772 * b];
    for (const [index, value] of colours.entries())
      rounded[index * size + i] = Math.min(Math.max(value, 0), 255) / scale;
  }
  return { kind: "image", values: made, shape };
}

export interface JpegOptions extends Chance {
  /** From 1 to 100. Default 30 to 95. */
  readonly quality?: number | Range;
}

/** The blocks and blurred colours of JPEG. The probability is 0.5. @throws AttributeError for an option out of range */
export function jpegArtefacts({ quality = [30, 95], probability = 0.5 }: JpegOptions = {}): Transform<{
  readonly quality: number;
} | null> {
  const range = wholeRange("jpegArtefacts", "quality", checkedRange("jpegArtefacts", "quality", quality, 1, 100), 1);
  return photometric(
    "jpegArtefacts",
    probability,
    (random) => ({ quality: drawnWhole(random, range) }),
    (image, parameters) => jpegImage(image, parameters.quality),
  );
}
