// Abstract values: what is known of a tensor before it has data. All shape arithmetic that ops share is here.
import { bytesOf, type DType } from "./dtype.ts";
import { ShapeError } from "../errors.ts";

export type Shape = readonly number[];

/** Shape and element type of a value: all that a trace knows of it. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Largest rank of a tensor. */
export const maxRank = 8;

/** A shape and a dtype, of which nothing shares the array. */
export function aval(shape: Shape, dtype: DType): Aval {
  return { shape, dtype };
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Most elements of a tensor: places are int32. */
const mostElements = 2 ** 31 - 1;

/** @throws ShapeError naming `op` for more elements than a tensor can have. */
export function checkSize(op: string, shape: Shape): void {
  const size = sizeOf(shape);
  if (!(size <= mostElements))
    throw new ShapeError(
      op,
      `${showShape(shape)} has ${size} elements, a tensor has at most ${mostElements}`,
      "use smaller sizes, or several tensors",
    );
}

/** Bytes that a value takes, without padding. */
export function byteSize(value: Aval): number {
  return sizeOf(value.shape) * bytesOf(value.dtype);
}

/** Whether two shapes are equal, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

export function sameAval(a: Aval, b: Aval): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** `[2, 3]` as text, for messages. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** `float32[2, 3]` as text, for messages. */
export function showAval(value: Aval): string {
  return `${value.dtype}${showShape(value.shape)}`;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= at(shape, axis);
  }
  return strides;
}

/** `list[index]`, where the index is known to be in range. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`index ${index} of a list of ${list.length}`);
  return item;
}

/**
 * NumPy's broadcasting: shapes are aligned at their last axes, and axes of length 1 stretch.
 * @throws ShapeError naming `op` and both shapes when they do not fit.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new ShapeError(
        op,
        `shapes ${showShape(a)} and ${showShape(b)} do not broadcast: axis ${axis - rank} is ${left} in one and ${right} in the other`,
        "make the axes equal, or one of them 1 (reshape can insert axes of length 1)",
      );
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/** An axis from -rank to rank - 1 as one from 0. @throws ShapeError when it is outside. */
export function normaliseAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new ShapeError(
      op,
      `axis ${axis} is not an axis of a tensor of rank ${rank}`,
      rank === 0 ? "a scalar has no axes" : `use ${-rank} to ${rank - 1}`,
    );
  return axis < 0 ? axis + rank : axis;
}

/** Axes as a sorted list of distinct axes from 0; all axes when nothing is given. */
export function normaliseAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (Array.isArray(axes) ? axes : [axes]).map((axis: number) => normaliseAxis(op, axis, rank));
  if (new Set(list).size !== list.length)
    throw new ShapeError(op, `axes [${list.join(", ")}] name an axis twice`, "name each axis once");
  return list.toSorted((a, b) => a - b);
}

/** The shape after reducing `axes` (normalised). */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return shape.filter((_, axis) => !axes.includes(axis));
}
