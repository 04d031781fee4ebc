// The windows of max pooling over planes, and how the input is padded for them.
import { at, sizeOf } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";

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

/** Whether values are computed by rows and then by columns; else the kernel goes through the windows one by one. It takes the input as it is. */
export function isSeparable({ kernel }: WindowSpec): boolean {
  const last = kernel.at(-1) ?? 0;
  return last <= mostUnrolled && sizeOf(kernel) <= mostUnrolled * last;
}

/**
 * Sizes to which the input has to be padded with -Infinity so that four windows and their winners are computed at a time; undefined where the kernel goes through
 * the windows one by one, and takes the input as it is.
 */
export function vectorSizes({ input, output, kernel, stride, dilation, before }: WindowSpec): number[] | undefined {
  const reach = output.map((count, k) => (count - 1) * at(stride, k) + (at(kernel, k) - 1) * at(dilation, k) + 1);
  const sizes = input.map((size, axis) => Math.max(at(reach, axis), size + at(before, axis)));
  const isPadded = sizes.some((size, axis) => size !== at(input, axis));
  if ((output.at(-1) ?? 0) < 4 || sizeOf(kernel) > mostUnrolled) return undefined;
  return isPadded && dilation.some((gap) => gap > 1) ? undefined : sizes;
}

/** Nested loops over the places of the output, the last axis in the hands of `body`. */
export function overPlaces(
  f: FunctionBuilder,
  sizes: readonly number[],
  places: readonly Local[],
  axis: number,
  body: () => void,
): void {
  if (axis === sizes.length) return body();
  f.i32(0).for(
    at(places, axis),
    () => f.i32(at(sizes, axis)),
    1,
    () => overPlaces(f, sizes, places, axis + 1, body),
  );
}

/** All elements of the kernel: their coordinates, row-major. */
export function taps(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (list, size) => list.flatMap((tap) => Array.from({ length: size }, (_, k) => [...tap, k])),
    [[]],
  );
}

/** Elements of the padded row in scratch memory, with those that whole vectors read beyond; and with the row of nothing behind it. */
export function scratchSizes({ input, output, kernel, stride, dilation, before }: WindowSpec): {
  padded: number;
  whole: number;
} {
  const last = input.length - 1;
  const places = Math.max(at(output, last), 4);
  const reach = (places - 1) * at(stride, last) + (at(kernel, last) - 1) * at(dilation, last) + 1;
  const padded = Math.max(reach + 4, at(before, last) + at(input, last));
  return { padded, whole: padded + at(input, last) + 4 };
}

/** Bytes of scratch memory that a thread needs. */
export function maxPoolScratchBytes(spec: WindowSpec): number {
  return scratchSizes(spec).whole * 4;
}
