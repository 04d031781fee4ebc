// Receptive fields behind windows that slide: of convolutions and pools, and of what undoes them.
import { at } from "@stria/core";
import { type Context, before, numbers } from "./rule.ts";
import { type Slide, type View, slid } from "./view.ts";

/** How windows lie along each spatial axis. */
export interface Windows {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Elements of padding before the first. */
  readonly padding: readonly number[];
}

export function windowsOf(context: Context): Windows {
  return {
    stride: numbers(context, "stride"),
    dilation: numbers(context, "dilation"),
    padding: before(context),
  };
}

/** What windows see, over the axes from 2 on, whose lengths are then those of `shape`. */
export function slidForward(
  view: View,
  kernel: readonly number[],
  { stride, dilation, padding }: Windows,
  shape: readonly number[],
): View {
  return kernel.reduce((seen, size, axis) => {
    const slide: Slide = {
      reach: (size - 1) * at(dilation, axis),
      start: -at(padding, axis),
      step: at(stride, axis),
      length: at(shape, axis + 2),
    };
    return slid(seen, axis + 2, slide);
  }, view);
}

/**
 * What the elements see that windows are laid back to: all whose windows, put `stride` apart, reach them. Elements between two of these are counted as
 * fractions of them, so that a border may be off by less than the distance of two.
 */
export function slidBackward(
  view: View,
  kernel: readonly number[],
  { stride, dilation, padding }: Windows,
  shape: readonly number[],
): View {
  return kernel.reduce((seen, size, axis) => {
    const [step, reach] = [at(stride, axis), (size - 1) * at(dilation, axis)];
    const slide: Slide = {
      reach: Math.ceil((reach + 1) / step) - 1,
      start: Math.ceil((at(padding, axis) - reach) / step),
      step: 1 / step,
      length: at(shape, axis + 2),
    };
    return slid(seen, axis + 2, slide);
  }, view);
}
