// Fewer axes, same elements: every kernel that walks a tensor by strides gets as few axes as will do, whatever the rank it began with.
import { type Shape, at } from "@stria/core";

export interface Collapsed {
  /** At least one axis. */
  readonly dims: readonly number[];
  /** For each operand, a stride for each of `dims`. */
  readonly strides: readonly (readonly number[])[];
}

/** Drops axes of length 1 and merges neighbours that every operand walks in one stride. */
export function collapse(shape: Shape, operands: readonly (readonly number[])[]): Collapsed {
  const dims: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const last = dims.length - 1;
    const merges = last >= 0 && operands.every((operand, k) => at(at(strides, k), last) === at(operand, axis) * length);
    if (merges) dims[last] = at(dims, last) * length;
    else dims.push(length);
    for (const [k, operand] of operands.entries()) at(strides, k)[merges ? last : dims.length - 1] = at(operand, axis);
  }
  if (dims.length === 0) return { dims: [1], strides: operands.map(() => [0]) };
  return { dims, strides };
}

/** Strides by which a tensor of shape `from` is walked as if it were broadcast to `to`. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = Array<number>(to.length).fill(0);
  let stride = 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    const length = at(from, axis);
    if (length !== 1) strides[axis + to.length - from.length] = stride;
    stride *= length;
  }
  return strides;
}
