// Small helpers on axes that the tables share.
import { type Tensor, at, concat, reshape, slice, transpose } from "@stria/core";

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** An axis from -rank as one from 0. */
export function fromZero(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** `count` elements along one axis, from `start`. */
export function take(x: Tensor, axis: number, start: number, count: number): Tensor {
  const along = fromZero(axis, x.rank);
  return slice(
    x,
    x.shape.map((_, index) => (index === along ? start : 0)),
    x.shape.map((length, index) => (index === along ? count : length)),
  );
}

/** Element `index` of an axis, which goes away. */
export function pick(x: Tensor, axis: number, index: number): Tensor {
  const along = fromZero(axis, x.rank);
  const place = index < 0 ? index + at(x.shape, along) : index;
  return reshape(
    take(x, along, place, 1),
    x.shape.filter((_, other) => other !== along),
  );
}

/** The axis moved from one place to another. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const [source, destination] = [fromZero(from, x.rank), fromZero(to, x.rank)];
  return transpose(
    x,
    range(x.rank)
      .filter((axis) => axis !== source)
      .toSpliced(destination, 0, source),
  );
}

export function swapAxes(x: Tensor, first: number, second: number): Tensor {
  const [a, b] = [fromZero(first, x.rank), fromZero(second, x.rank)];
  return transpose(
    x,
    range(x.rank).map((axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/** A new axis of length 1; -1 is after the last. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return reshape(x, x.shape.toSpliced(axis < 0 ? axis + x.rank + 1 : axis, 0, 1));
}

/** Runs `f` on a tensor of `rank` axes; where the batch axis is missing, it is added and taken away again. */
export function batched(x: Tensor, rank: number, f: (x: Tensor) => Tensor): Tensor {
  if (x.rank === rank) return f(x);
  const y = f(unsqueeze(x, 0));
  return reshape(y, y.shape.slice(1));
}

/** Pieces of the given lengths along an axis. */
export function pieces(x: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  let start = 0;
  return lengths.map((length) => {
    const piece = take(x, axis, start, length);
    start += length;
    return piece;
  });
}

export function stack(tensors: readonly Tensor[], axis: number): Tensor {
  const rank = (tensors[0]?.rank ?? 0) + 1;
  const place = fromZero(axis, rank);
  return concat(
    tensors.map((tensor) => unsqueeze(tensor, place)),
    place,
  );
}
