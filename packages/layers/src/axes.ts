// Small helpers on axes that layers and losses share.
import { AttributeError, type Tensor, at, reshape, slice } from "@stria/core";

/** 0, 1, ..., count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The axes after batch and channels. */
export function spatialAxes(rank: number): number[] {
  return range(rank).slice(2);
}

/** An axis from -rank as one from 0. @throws AttributeError where there is no such axis. */
export function axisFromZero(layer: string, axis: number, rank: number): number {
  const fromZero = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || fromZero < 0 || fromZero >= rank)
    throw new AttributeError(layer, `there is no axis ${axis} among ${rank}`, `use one from ${-rank} to ${rank - 1}`);
  return fromZero;
}

/** `count` elements along one axis (from 0), from `start`. */
export function take(x: Tensor, axis: number, start: number, count: number): Tensor {
  return slice(
    x,
    x.shape.map((_, index) => (index === axis ? start : 0)),
    x.shape.with(axis, count),
  );
}

/** [C] as [1, C, 1, ...], to go with a tensor of `rank`. */
export function alongChannels(x: Tensor, rank: number): Tensor {
  return reshape(x, [1, x.size, ...range(rank - 2).map(() => 1)]);
}

/** The axis cut into [length / pieces, pieces]. @throws AttributeError where it does not divide. */
export function splitAxis(layer: string, x: Tensor, axis: number, pieces: number): Tensor {
  const length = at(x.shape, axis);
  if (!Number.isInteger(pieces) || pieces < 1 || length % pieces !== 0)
    throw new AttributeError(
      layer,
      `axis ${axis} of length ${length} does not divide into pieces of ${pieces}`,
      "make its length a multiple",
    );
  return reshape(x, x.shape.toSpliced(axis, 1, length / pieces, pieces));
}

/** Every step of the first axis by itself. In halves, so that the gradient pads each element log2(steps) times and not once a step. */
export function stepsOf(x: Tensor): Tensor[] {
  const count = at(x.shape, 0);
  if (count === 0) return [];
  if (count === 1) return [reshape(x, x.shape.slice(1))];
  const half = count >> 1;
  return [...stepsOf(take(x, 0, 0, half)), ...stepsOf(take(x, 0, half, count - half))];
}
