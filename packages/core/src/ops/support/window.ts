// The geometry that convolution and pooling share: windows that slide over the spatial axes.
import { type Shape, at, sameShape, showShape } from "../../tensor/aval.ts";
import { AttributeError, ShapeError } from "../../errors.ts";
import type { Padding } from "../pad.ts";
import { checkIsList, checkList, checkShape } from "./shape-rules.ts";

/** How a window slides: one entry for each spatial axis. */
export interface WindowAttrs {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Padding;
}

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/** Padding as a number, one for each spatial axis, [before, after] for each, or in words. */
export type PaddingLike = PerAxis | Padding | "same" | "valid" | "causal";

/** A number for each of `count` axes. @throws AttributeError. */
export function perAxis(op: string, name: string, value: PerAxis, count: number, least: number): number[] {
  const list = typeof value === "number" ? Array.from({ length: count }, () => value) : value;
  checkList(op, name, list, count, least);
  return [...list];
}

/** How far a kernel of `kernel` elements reaches with `dilation`. */
export function extentOf(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** floor((n + before + after - extent) / stride) + 1: how many places a window has. */
export function windowCount(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  [before, after]: readonly [number, number],
): number {
  return Math.floor((length + before + after - extentOf(kernel, dilation)) / stride) + 1;
}

/** Padding as [before, after] for each spatial axis. "same" keeps the size at stride 1, the odd element after; "causal" pads before only. */
export function normalisePadding(
  op: string,
  padding: PaddingLike,
  kernel: readonly number[],
  dilation: readonly number[],
): Padding {
  const count = kernel.length;
  if (padding === "valid") return kernel.map(() => [0, 0]);
  if (padding === "same" || padding === "causal")
    return kernel.map((length, axis) => {
      const total = extentOf(length, at(dilation, axis)) - 1;
      return padding === "causal" ? [total, 0] : [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  if (typeof padding === "string")
    throw new AttributeError(
      op,
      `there is no padding "${String(padding)}"`,
      'use "same", "valid", "causal" or numbers',
    );
  if (typeof padding !== "number") checkIsList(op, "padding", padding);
  const pairs =
    typeof padding === "number"
      ? kernel.map((): [number, number] => [padding, padding])
      : padding.map((entry): readonly [number, number] => (typeof entry === "number" ? [entry, entry] : entry));
  checkList(op, "padding", pairs.flat(), 2 * count, 0);
  return pairs;
}

/** Checks what a window is made of. @throws AttributeError for strides, dilations and kernels below 1 and paddings below 0. */
export function checkWindow(
  op: string,
  kernel: readonly number[],
  { stride, dilation, padding }: WindowAttrs,
  count: number,
): void {
  checkList(op, "kernel", kernel, count, 1);
  checkList(op, "stride", stride, count, 1);
  checkList(op, "dilation", dilation, count, 1);
  if (padding.length !== count)
    throw new AttributeError(
      op,
      `padding has ${padding.length} pairs for ${count} spatial axes`,
      "give [before, after] for each",
    );
  for (const pair of padding) checkList(op, "padding", pair, 2, 0);
}

/**
 * Sizes of the output's spatial axes.
 * @throws ShapeError when the kernel is larger than the padded input, AttributeError for strides and dilations below 1 and paddings below 0.
 */
export function windowShape(op: string, input: Shape, kernel: readonly number[], attrs: WindowAttrs): number[] {
  checkWindow(op, kernel, attrs, input.length);
  const { stride, dilation, padding } = attrs;
  return input.map((length, axis) => {
    const count = windowCount(length, at(kernel, axis), at(stride, axis), at(dilation, axis), at(padding, axis));
    if (count < 1)
      throw new ShapeError(
        op,
        `a kernel of ${at(kernel, axis)}${at(dilation, axis) > 1 ? ` with dilation ${at(dilation, axis)}` : ""} does not fit spatial axis ${axis} of length ${length} with padding [${at(padding, axis).join(", ")}]`,
        "use a larger input, more padding or a smaller kernel",
      );
    return count;
  });
}

/** Checks that `places` are where windows over a plane `spatial` lie. @throws ShapeError. */
export function checkPlaces(
  op: string,
  places: Shape,
  spatial: Shape,
  kernel: readonly number[],
  attrs: WindowAttrs,
): void {
  const wanted = windowShape(op, checkShape(op, spatial), kernel, attrs);
  if (!sameShape(places, wanted))
    throw new ShapeError(
      op,
      `there are ${showShape(places)} windows, over ${showShape(spatial)} there are ${showShape(wanted)}`,
      "give the attributes of the pooling",
    );
}

/** Splits [N, C, ...spatial]. @throws ShapeError for a rank outside 3 to 5. */
export function splitImage(op: string, shape: Shape): { batch: number; channels: number; spatial: readonly number[] } {
  if (shape.length < 3 || shape.length > 5)
    throw new ShapeError(
      op,
      `the input is ${showShape(shape)}`,
      "give [batch, channels, ...] with 1, 2 or 3 spatial axes (reshape can add the batch axis)",
    );
  return { batch: at(shape, 0), channels: at(shape, 1), spatial: shape.slice(2) };
}
