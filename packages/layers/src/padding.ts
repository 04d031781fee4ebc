// Padding of every mode, along one axis after the other.
import {
  type Padding,
  ShapeError,
  type Tensor,
  AttributeError,
  at,
  broadcastTo,
  concat,
  flip,
  pad as padTensor,
  showShape,
} from "@stria/core";
import { spatialAxes, take } from "./axes.ts";
import { checkOptions, wordOf } from "./check-options.ts";
import { Module, inLayer } from "./module.ts";

/** What stands beyond the border: zeros, the mirror image without the border itself, the border again, or the other end. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  /** Default "zeros". */
  readonly mode?: PaddingMode;
  /** What "zeros" puts there. Default 0. */
  readonly value?: number;
}

/** How much of an axis of `length` the modes can copy from it. */
const reach: Readonly<Record<PaddingMode, (length: number) => number>> = {
  zeros: () => Infinity,
  reflect: (length) => length - 1,
  replicate: (length) => (length > 0 ? Infinity : 0),
  circular: (length) => length,
};

/** @throws AttributeError for another word. */
export function checkPaddingMode(layer: string, mode: PaddingMode): void {
  wordOf(layer, "paddingMode", mode, reach);
}

function padAxis(x: Tensor, axis: number, [before, after]: readonly [number, number], options: PadOptions): Tensor {
  const { mode = "zeros", value = 0 } = options;
  const length = at(x.shape, axis);
  if (before < 0 || after < 0) {
    const [cutBefore, cutAfter] = [Math.max(0, -before), Math.max(0, -after)];
    if (cutBefore + cutAfter > length)
      throw new ShapeError("pad", `axis ${axis} of ${showShape(x.shape)} is shorter than what is cut`, "cut less");
    const kept = take(x, axis, cutBefore, length - cutBefore - cutAfter);
    return padAxis(kept, axis, [Math.max(0, before), Math.max(0, after)], options);
  }
  if (before === 0 && after === 0) return x;
  if (Math.max(before, after) > reach[mode](length))
    throw new ShapeError(
      "pad",
      `axis ${axis} of ${showShape(x.shape)} is too short for padding [${before}, ${after}] in mode "${mode}"`,
      "pad less, or with zeros",
    );
  if (mode === "zeros") {
    const pairs = x.shape.map((_, other) => (other === axis ? ([before, after] as const) : ([0, 0] as const)));
    return padTensor(x, pairs, value);
  }
  const borders: Readonly<Record<Exclude<PaddingMode, "zeros">, () => [Tensor, Tensor]>> = {
    reflect: () => [flip(take(x, axis, 1, before), axis), flip(take(x, axis, length - 1 - after, after), axis)],
    replicate: () => [
      broadcastTo(take(x, axis, 0, 1), x.shape.with(axis, before)),
      broadcastTo(take(x, axis, length - 1, 1), x.shape.with(axis, after)),
    ],
    circular: () => [take(x, axis, length - before, before), take(x, axis, 0, after)],
  };
  const [left, right] = borders[mode]();
  return concat(
    [left, x, right].filter((part) => at(part.shape, axis) > 0),
    axis,
  );
}

/**
 * Pads the last axes of `x`, as many as `padding` has pairs [before, after]. A negative number takes elements away.
 * @throws ShapeError where an axis is too short for the mode: reflection needs one element more than it adds.
 */
export function padLast(x: Tensor, padding: Padding, options: PadOptions = {}): Tensor {
  wordOf("pad", "mode", options.mode ?? "zeros", reach);
  const given: unknown = padding; // what a list is by its type may be a number in JavaScript
  if (!Array.isArray(given) || !given.every(Array.isArray))
    throw new AttributeError("pad", `the padding is ${JSON.stringify(padding)}`, "give [before, after] for each axis");
  const first = x.rank - padding.length;
  if (first < 0)
    throw new AttributeError(
      "pad",
      `there are ${padding.length} pairs for ${x.rank} axes`,
      "give one pair for an axis",
    );
  // From the last axis backwards, as PyTorch does.
  return padding.reduceRight((padded, pair, index) => padAxis(padded, first + index, pair, options), x);
}

/**
 * Pads the spatial axes of [N, C, ...]: by one number everywhere, or by [before, after] for each axis. Modes as in {@link PaddingMode}.
 * @throws as {@link padLast} does.
 */
export class Pad extends Module {
  readonly padding: number | Padding;
  readonly options: PadOptions;

  constructor(padding: number | Padding, options: PadOptions = {}) {
    super();
    const { mode = "zeros", value } = options;
    checkOptions("Pad", options, { mode, value });
    wordOf("Pad", "mode", mode, reach);
    this.padding = padding;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    const { padding } = this;
    return inLayer(this, "Pad", () =>
      padLast(
        x,
        typeof padding === "number" ? spatialAxes(x.rank).map(() => [padding, padding] as const) : padding,
        this.options,
      ),
    );
  }
}

/** A {@link Pad}. */
export function pad(padding: number | Padding, options: PadOptions = {}): Pad {
  return new Pad(padding, options);
}
