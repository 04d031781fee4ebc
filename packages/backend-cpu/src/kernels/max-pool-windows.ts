// The windows of max pooling over planes, and how the input is padded for them.
import { at, sizeOf } from "@stria/core";

export interface WindowSpec {
  /** Spatial sizes of the input and the output. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before each axis. */
  readonly before: readonly number[];
}

/** Kernels with more elements than this are not unrolled. */
const mostUnrolled = 49;

/**
 * Sizes to which the input has to be padded with -Infinity so that four windows are computed at a time; undefined where the kernel goes through
 * the windows one by one, and takes the input as it is.
 */
export function vectorSizes({ input, output, kernel, stride, dilation, before }: WindowSpec): number[] | undefined {
  const reach = output.map((count, k) => (count - 1) * at(stride, k) + (at(kernel, k) - 1) * at(dilation, k) + 1);
  const sizes = input.map((size, axis) => Math.max(at(reach, axis), size + at(before, axis)));
  const isPadded = sizes.some((size, axis) => size !== at(input, axis));
  if ((output.at(-1) ?? 0) < 4 || sizeOf(kernel) > mostUnrolled) return undefined;
  return isPadded && dilation.some((gap) => gap > 1) ? undefined : sizes;
}
