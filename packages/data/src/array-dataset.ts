// A dataset of arrays in memory: the first axis counts the samples.
import { type DType, type Shape, ShapeError, type TypedArray } from "@stria/core";
import type { Dataset, Sample } from "./dataset.ts";

export interface ArrayDatasetOptions {
  /** Shape of one `x`. */
  readonly shape: Shape;
  /** Shape of one `y`; `[]`, a number each, by default. */
  readonly targetShape?: Shape;
  /** Where `y` are class labels: how many classes there are. */
  readonly numClasses?: number;
}

/** A dataset whose `get` needs no waiting. */
export interface ArrayDataset extends Dataset {
  get(index: number): Sample;
}

const elements = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Uint16Array) return "float16";
  return array instanceof Int32Array ? "int32" : "uint8";
}

/**
 * The dataset of `x` and `y`, row-major arrays of all samples one after the other. They are not copied.
 *
 * The dtypes are those of the arrays; a plain array of `y` is taken as int32 labels where `numClasses` is given, else as float32.
 * @throws ShapeError when `x` and `y` do not hold the same whole number of samples
 */
export function arrayDataset(
  x: TypedArray,
  y: TypedArray | readonly number[],
  options: ArrayDatasetOptions,
): ArrayDataset {
  const { shape, targetShape = [], numClasses } = options;
  const plain = numClasses === undefined ? Float32Array : Int32Array;
  const targets = Array.isArray(y)
    ? new plain(y)
    : y instanceof Float32Array || y instanceof Int32Array || y instanceof Uint8Array
      ? y
      : new plain(y);
  const size = elements(shape);
  const targetSize = elements(targetShape);
  const length = x.length / size;
  if (!Number.isInteger(length) || targets.length !== length * targetSize)
    throw new ShapeError(
      "arrayDataset",
      `${x.length} elements of x, ${size} a sample, and ${targets.length} of y, ${targetSize} a sample, are not the same number of samples`,
      "pass the shape of one sample, and as many targets as samples",
    );
  return {
    fields: {
      x: { shape, dtype: dtypeOf(x) },
      y: { shape: targetShape, dtype: dtypeOf(targets), numClasses },
    },
    length,
    get: (index) => ({
      x: x.subarray(index * size, (index + 1) * size),
      y:
        targetShape.length === 0
          ? (targets[index] ?? Number.NaN)
          : targets.subarray(index * targetSize, (index + 1) * targetSize),
    }),
  };
}
