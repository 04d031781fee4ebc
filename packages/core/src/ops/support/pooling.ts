// The normal form of a pooling's options: what ceil mode hangs over the end is padding after.
import { at } from "../../tensor/aval.ts";
import type { PoolAttrs, PoolOptions } from "../maxPool.ts";
import { type PerAxis, extentOf, normalisePadding, perAxis, splitImage, windowCount } from "./window.ts";

/** Attributes of a pooling; the end that ceil mode hangs over is padding after. */
export function poolAttrs(
  op: string,
  shape: readonly number[],
  kernel: PerAxis,
  { stride, padding = 0, dilation = 1, ceilMode = false }: PoolOptions,
): PoolAttrs {
  const { spatial } = splitImage(op, shape);
  const count = spatial.length;
  const window = perAxis(op, "kernel", kernel, count, 1);
  const strides = perAxis(op, "stride", stride ?? window, count, 1);
  const spread = perAxis(op, "dilation", dilation, count, 1);
  const pads = normalisePadding(op, padding, window, spread);
  const hung = pads.map(([before, after], axis): readonly [number, number] => {
    const [length, size, step, gap] = [at(spatial, axis), at(window, axis), at(strides, axis), at(spread, axis)];
    if (!ceilMode) return [before, after];
    const rest = length + before + after - extentOf(size, gap);
    const places = Math.ceil(rest / step) + 1;
    // A window that would start beyond the input and its padding before is dropped, as PyTorch does.
    const kept = (places - 1) * step >= length + before ? places - 1 : places;
    const needed = (kept - 1) * step + extentOf(size, gap) - length - before;
    return [before, kept > windowCount(length, size, step, gap, [before, after]) ? needed : after];
  });
  return { kernel: window, stride: strides, dilation: spread, padding: hung };
}
