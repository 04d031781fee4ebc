// How references walk arrays: where each element of a shape lies, given how far apart neighbours are along every axis.
import { type Shape, at, stridesOf } from "../tensor/aval.ts";

/** The offset of every element of `shape`, in row-major order, where neighbours along axis k are `strides[k]` apart. */
export function offsets(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let found = Int32Array.of(start);
  for (const [axis, length] of shape.entries()) {
    const outer = found;
    const stride = at(strides, axis);
    found = new Int32Array(outer.length * length);
    for (let i = 0; i < outer.length; i++)
      for (let k = 0; k < length; k++) found[i * length + k] = at(outer, i) + k * stride;
  }
  return found;
}

/** Where each element of the shape `to` lies in an array of shape `from` that is broadcast to it. */
export function broadcastOffsets(from: Shape, to: Shape): Int32Array {
  const strides = stridesOf(from);
  const lead = to.length - from.length;
  return offsets(
    to,
    to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : at(strides, axis - lead))),
  );
}

/**
 * The lanes along `axes`: element k of lane i lies at `starts[i] + steps[k]`. Lanes are in row-major order of the other axes,
 * elements in row-major order of `axes`.
 */
export function lanes(shape: Shape, axes: readonly number[]): { starts: Int32Array; steps: Int32Array } {
  const strides = stridesOf(shape);
  const along = (chosen: readonly number[]): Int32Array =>
    offsets(
      chosen.map((axis) => at(shape, axis)),
      chosen.map((axis) => at(strides, axis)),
    );
  return { starts: along([...shape.keys()].filter((axis) => !axes.includes(axis))), steps: along(axes) };
}

/** `output[i] = input[where[i]]`. */
export function take<T extends { [index: number]: number; readonly length: number }>(
  input: ArrayLike<number>,
  where: Int32Array,
  output: T,
): T {
  for (let i = 0; i < where.length; i++) output[i] = at(input, at(where, i));
  return output;
}

/** For each channel of [N, C, ...], where its elements lie. */
export function channelLanes(shape: Shape): number[][] {
  const { starts, steps } = lanes(
    shape,
    [...shape.keys()].filter((axis) => axis !== 1),
  );
  return Array.from(starts, (start) => Array.from(steps, (step) => start + step));
}
