// Padding of every mode, along one axis after the other.
import { type Tensor, at, broadcastTo, concat, flip, pad } from "@stria/core";
import { fromZero, take } from "./axes.ts";

function padAxis(
  x: Tensor,
  axis: number,
  before: number,
  after: number,
  mode: string,
  value: number,
): Tensor | undefined {
  const length = at(x.shape, axis);
  // Negative padding takes elements away, in every mode.
  if (before < 0 || after < 0) {
    const [cutBefore, cutAfter] = [Math.max(0, -before), Math.max(0, -after)];
    return padAxis(
      take(x, axis, cutBefore, length - cutBefore - cutAfter),
      axis,
      Math.max(0, before),
      Math.max(0, after),
      mode,
      value,
    );
  }
  if (before === 0 && after === 0) return x;
  const join = (left: Tensor, right: Tensor): Tensor =>
    concat(
      [left, x, right].filter((part) => at(part.shape, axis) > 0),
      axis,
    );
  switch (mode) {
    case "constant":
    case "zeros":
      return pad(
        x,
        x.shape.map((_, other) => (other === axis ? ([before, after] as const) : ([0, 0] as const))),
        value,
      );
    case "reflect":
      return join(flip(take(x, axis, 1, before), axis), flip(take(x, axis, length - 1 - after, after), axis));
    case "replicate": {
      const repeat = (place: number, count: number): Tensor =>
        broadcastTo(take(x, axis, place, 1), x.shape.with(axis, count));
      return join(repeat(0, before), repeat(length - 1, after));
    }
    case "circular":
      return join(take(x, axis, length - before, before), take(x, axis, 0, after));
    default:
      return undefined;
  }
}

/** PyTorch's pad: pairs [before, after] from the last axis backwards. Undefined where the mode is not known. */
export function padLastAxes(x: Tensor, padding: readonly number[], mode = "constant", value = 0): Tensor | undefined {
  let padded: Tensor | undefined = x;
  for (let pair = 0; padded && 2 * pair < padding.length; pair++)
    padded = padAxis(
      padded,
      fromZero(-1 - pair, x.rank),
      padding[2 * pair] ?? 0,
      padding[2 * pair + 1] ?? 0,
      mode,
      value,
    );
  return padded;
}
