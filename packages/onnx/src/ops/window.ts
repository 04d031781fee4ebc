// Windows that slide over the spatial axes: their attributes, and their elements laid side by side.
import { type Attrs, type Shape, at, sizeOf } from "@stria/core";
import { numbers, pairs } from "../attributes.ts";
import type { Attributes, Writer } from "../writer.ts";
import { onnxPads } from "./shape.ts";

export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
}

export function windowsOf(attrs: Attrs, kernel: readonly number[] = numbers(attrs, "kernel")): Windows {
  return {
    kernel,
    stride: numbers(attrs, "stride"),
    dilation: numbers(attrs, "dilation"),
    padding: pairs(attrs, "padding"),
  };
}

/** The windows as ONNX's attributes. */
export function windowAttributes({ kernel, stride, dilation, padding }: Windows): Attributes {
  return { kernel_shape: kernel, strides: stride, dilations: dilation, pads: onnxPads(padding) };
}

/** Whether a runtime takes the padding of a pooling: ONNX Runtime wants it smaller than the kernel, whatever the dilation. */
export function poolingTakes({ kernel, padding }: Windows): boolean {
  return padding.every(([before, after], axis) => before < at(kernel, axis) && after < at(kernel, axis));
}

/** Indices of the elements of a kernel, row-major. */
export function tapsOf(kernel: readonly number[]): number[][] {
  let taps: number[][] = [[]];
  for (const length of kernel) taps = taps.flatMap((tap) => Array.from({ length }, (_, k) => [...tap, k]));
  return taps;
}

/** Writes what each element of the kernel reads of `x` [N, C, ...], one after the other: tensors of shape `flat`. `fill` is in the padding. */
export function readsOfTaps(
  writer: Writer,
  x: string,
  { kernel, stride, dilation, padding }: Windows,
  places: readonly number[],
  flat: readonly number[],
  fill: number,
): string[] {
  const padded = padding.some(([before, after]) => before + after > 0)
    ? writer.node("Pad", [x, writer.integers(onnxPads([[0, 0], [0, 0], ...padding])), writer.scalar("float32", fill)])
    : x;
  const axes = writer.integers(kernel.map((_, axis) => axis + 2));
  const [steps, target] = [writer.integers(stride), writer.integers(flat)];
  return tapsOf(kernel).map((tap) => {
    const start = tap.map((k, axis) => k * at(dilation, axis));
    const end = start.map((first, axis) => first + (at(places, axis) - 1) * at(stride, axis) + 1);
    const taken = writer.node("Slice", [padded, writer.integers(start), writer.integers(end), axes, steps]);
    return writer.node("Reshape", [taken, target]);
  });
}

/** Writes `x` [N, C, ...] as its windows' elements side by side, [N, C, taps, places]. */
export function columns(
  writer: Writer,
  x: string,
  shape: Shape,
  places: readonly number[],
  windows: Windows,
  fill: number,
): string {
  const taps = readsOfTaps(writer, x, windows, places, [at(shape, 0), at(shape, 1), 1, sizeOf(places)], fill);
  return taps.length === 1 ? at(taps, 0) : writer.node("Concat", taps, { axis: 2 });
}
