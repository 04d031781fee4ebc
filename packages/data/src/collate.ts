// Samples into the arrays of a batch, on the host, with every check that needs no device.
import { allocate, AttributeError, type Aval, type DType, ShapeError, sizeOf, type TypedArray } from "@stria/core";
import type { Sample, SampleInfo } from "./dataset.ts";

/** A batch on the host: `x` and `y` hold `rows` samples one after the other, the first `count` of them real. */
export interface HostBatch {
  readonly x: TypedArray;
  readonly y: TypedArray;
  readonly rows: number;
  readonly count: number;
}

export interface CollateOptions {
  /** Rows of the batch; where there are fewer samples, they are repeated from the first. */
  readonly rows: number;
  /** Whether to look for NaN and infinities in float `x` and `y`. */
  readonly checkFinite: boolean;
  /** What to call the sample in errors. */
  readonly name: (position: number) => string;
}

function isKind(array: TypedArray, dtype: DType): boolean {
  return array.constructor === allocate(dtype, 0).constructor;
}

function checkArray(array: TypedArray, expected: Aval, what: string): void {
  if (array.length !== sizeOf(expected.shape) || !isKind(array, expected.dtype))
    throw new ShapeError(
      what,
      `a ${array.constructor.name} of ${array.length} elements is not ${expected.dtype}[${expected.shape.join(", ")}], which the dataset states`,
      "return what the dataset states, or state the change in map(dataset, transform, { x, y })",
    );
}

function checkFinite(array: TypedArray, what: string): void {
  if (!(array instanceof Float32Array)) return;
  const place = array.findIndex((value) => !Number.isFinite(value));
  if (place >= 0)
    throw new AttributeError(
      what,
      `element ${place} is ${array[place]}`,
      "clean the data, or load without checkFinite",
    );
}

/** @throws AttributeError when a label is not one of 0 to `numClasses` - 1 */
function checkLabels(labels: TypedArray, numClasses: number, what: string): void {
  for (const label of labels)
    if (!Number.isInteger(label) || label < 0 || label >= numClasses)
      throw new AttributeError(
        what,
        `the label ${label} is not one of ${numClasses} classes`,
        `labels are integers from 0 to ${numClasses - 1}; map them, or correct numClasses`,
      );
}

const oneNumber = new Float32Array(1);

/**
 * Copies samples into one batch.
 * @throws ShapeError when a sample is not what `info` states; AttributeError for a label out of range, or what `checkFinite` finds
 */
export function collate(samples: readonly Sample[], info: SampleInfo, options: CollateOptions): HostBatch {
  const { rows, name } = options;
  const xSize = sizeOf(info.x.shape);
  const ySize = sizeOf(info.y.shape);
  const x = allocate(info.x.dtype, rows * xSize);
  const y = allocate(info.y.dtype, rows * ySize);
  for (const [position, sample] of samples.entries()) {
    checkArray(sample.x, info.x, `${name(position)}, x`);
    if (options.checkFinite) checkFinite(sample.x, `${name(position)}, x`);
    x.set(sample.x, position * xSize);
    if (typeof sample.y === "number") {
      if (ySize !== 1)
        throw new ShapeError(
          `${name(position)}, y`,
          `one number is not ${info.y.dtype}[${info.y.shape.join(", ")}]`,
          "return an array",
        );
      // A number that the batch's dtype cannot hold would be changed without a word: 1.5 as int32, 300 as uint8, a label of NaN.
      if (info.numClasses !== undefined)
        checkLabels(Float32Array.of(sample.y), info.numClasses, `${name(position)}, y`);
      oneNumber[0] = sample.y;
      if (options.checkFinite) checkFinite(oneNumber, `${name(position)}, y`);
      y[position] = sample.y;
      if (info.y.dtype !== "float32" && y[position] !== sample.y)
        throw new AttributeError(
          `${name(position)}, y`,
          `${sample.y} is no ${info.y.dtype}`,
          "return a number of the dtype that the dataset states",
        );
    } else {
      checkArray(sample.y, info.y, `${name(position)}, y`);
      if (info.numClasses !== undefined) checkLabels(sample.y, info.numClasses, `${name(position)}, y`);
      if (options.checkFinite) checkFinite(sample.y, `${name(position)}, y`);
      y.set(sample.y, position * ySize);
    }
  }
  for (let row = samples.length; row < rows; row++) {
    const source = row % samples.length;
    x.copyWithin(row * xSize, source * xSize, (source + 1) * xSize);
    y.copyWithin(row * ySize, source * ySize, (source + 1) * ySize);
  }
  return { x, y, rows, count: samples.length };
}
