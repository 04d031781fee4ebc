// The arithmetic of windows, for those who plan a network on paper.
import { at } from "./aval.ts";
import { AttributeError } from "../errors.ts";
import type { Padding } from "../ops/pad.ts";
import { type PaddingLike, normalisePadding, windowShape } from "../ops/support/window.ts";

export interface OutputSizeOptions {
  /** Default 1. */
  readonly stride?: number;
  /** On both sides, [before, after], or "same", "valid", "causal". Default 0. */
  readonly padding?: number | readonly [before: number, after: number] | Extract<PaddingLike, string>;
  /** Distance between the kernel's elements. Default 1. */
  readonly dilation?: number;
}

/**
 * How long an axis of `length` is after a convolution or pooling with `kernel` elements along it: floor((length + before + after - dilation (kernel - 1) - 1) / stride) + 1.
 * What a stride does not divide is left over at the end.
 * @throws ShapeError where the kernel is larger than the padded axis, AttributeError.
 * @example outputSize(32, 5, { padding: 2 }); // 32
 */
export function outputSize(
  length: number,
  kernel: number,
  { stride = 1, padding = 0, dilation = 1 }: OutputSizeOptions = {},
): number {
  if (!Number.isInteger(length) || length < 0)
    throw new AttributeError("outputSize", `the length is ${length}`, "use a whole number >= 0");
  const pads: Padding = normalisePadding(
    "outputSize",
    typeof padding === "object" ? [padding] : padding,
    [kernel],
    [dilation],
  );
  return at(
    windowShape("outputSize", [length], [kernel], { stride: [stride], dilation: [dilation], padding: pads }),
    0,
  );
}
