// Max and average pooling and what follows them.
import { at, sizeOf, type GraphNode } from "@stria/core";
import { maxPoolScratchBytes, vectorSizes, type WindowSpec } from "../../kernels/max-pool-windows.ts";
import { maxPoolGatherKernel, maxPoolGradientKernel } from "../../kernels/max-pool-indexed.ts";
import { maxPoolKernel } from "../../kernels/max-pool.ts";
import { packed } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import { numbers, pairs } from "../classify.ts";
import { imageStrides, type Images } from "../images.ts";
import { addReduction } from "../reduction.ts";
import type { Lowering } from "../lower.ts";
import type { BufferId } from "../steps.ts";
import { slice, wholeView, type View } from "../view.ts";
import { inputOf } from "./rule.ts";

export function* maxPool(l: Lowering, node: GraphNode): Pieces<void> {
  const x = inputOf(node, 0);
  const [input, output] = [l.shapeOf(x), l.shapeOf(at(node.outputs, 0))];
  const window: WindowSpec = {
    input: input.slice(2),
    output: output.slice(2),
    kernel: numbers(node.attrs, "kernel"),
    stride: numbers(node.attrs, "stride"),
    dilation: numbers(node.attrs, "dilation"),
    before: pairs(node.attrs, "padding").map(([before]) => before),
  };
  const [largest, winners] = [at(node.outputs, 0), at(node.outputs, 1)];
  const sizes = l.isRead(winners) ? vectorSizes(window) : undefined;
  const isPadded = sizes?.some((size, axis) => size !== at(window.input, axis)) ?? false;
  const counts = [at(input, 0), at(input, 1)] as const;
  const images = { buffer: l.dense(x), view: wholeView(input) };
  const pad = isPadded ? (yield* packed.wait()).padder(l.builder, -Infinity) : undefined;
  const source = sizes && pad ? pad(images, window.before, sizes).buffer : images.buffer;
  const add = (targets: readonly BufferId[]): void =>
    l.builder.step({
      kernel: maxPoolKernel(window, targets.length > 1),
      arguments: [source, ...targets].map((buffer) => ({ buffer })),
      units: sizeOf(counts),
      cost: sizeOf(output) * sizeOf(window.kernel),
      scratchBytes: targets.length > 1 ? 0 : maxPoolScratchBytes(window),
      reads: [source],
      writes: targets,
    });
  l.write(largest, "row-major", (values) => {
    if (l.isRead(winners)) l.write(winners, "row-major", (indices) => add([values, indices]));
    else add([values]);
  });
}

export function maxPoolGradient(l: Lowering, node: GraphNode): void {
  const [dy, indices] = [l.dense(inputOf(node, 0)), l.dense(inputOf(node, 1))];
  const [input, output] = [l.shapeOf(at(node.outputs, 0)), l.shapeOf(inputOf(node, 0))];
  l.write(at(node.outputs, 0), "row-major", (dx) =>
    l.builder.step({
      kernel: maxPoolGradientKernel({ places: sizeOf(output.slice(2)), plane: sizeOf(input.slice(2)) }),
      arguments: [{ buffer: indices }, { buffer: dy }, { buffer: dx }],
      units: at(input, 0) * at(input, 1),
      cost: sizeOf(input),
      reads: [dy, indices],
      writes: [dx],
    }),
  );
}

export function maxPoolGather(l: Lowering, node: GraphNode): void {
  const [x, indices] = [l.dense(inputOf(node, 0)), l.dense(inputOf(node, 1))];
  const [input, output] = [l.shapeOf(inputOf(node, 0)), l.shapeOf(at(node.outputs, 0))];
  l.write(at(node.outputs, 0), "row-major", (y) =>
    l.builder.step({
      kernel: maxPoolGatherKernel({ places: sizeOf(output.slice(2)), plane: sizeOf(input.slice(2)) }),
      arguments: [{ buffer: indices }, { buffer: x }, { buffer: y }],
      units: at(output, 0) * at(output, 1),
      cost: sizeOf(output),
      reads: [x, indices],
      writes: [y],
    }),
  );
}

/** Sums windows of padded images times `factor` into `target`, as a reduction over a view in which windows overlap. */
function sumWindows(
  l: Lowering,
  images: Images,
  target: BufferId,
  sizes: { readonly places: readonly number[]; readonly kernel: readonly number[] },
  steps: { readonly stride: readonly number[]; readonly dilation: readonly number[]; readonly offset: number },
  factor: number,
): void {
  const { image, channel, pitch } = imageStrides(images);
  const view: View = {
    shape: [...images.view.shape.slice(0, 2), ...sizes.places, ...sizes.kernel],
    strides: [
      image,
      channel,
      ...pitch.map((step, axis) => step * at(steps.stride, axis)),
      ...pitch.map((step, axis) => step * at(steps.dilation, axis)),
    ],
    offset: steps.offset,
  };
  const axes = sizes.kernel.map((_, axis) => 2 + sizes.places.length + axis);
  addReduction(l.builder, {
    reduction: "sum",
    dtype: "float32",
    shape: view.shape,
    axes,
    kept: [0, 1, ...sizes.places.map((_, axis) => 2 + axis)],
    reads: [{ buffer: images.buffer, dtype: "float32", view }],
    expressions: [
      { op: "load", operand: 0, dtype: "float32" },
      { op: "constant", value: factor, dtype: "float32" },
      { op: "mul", inputs: [0, 1], dtype: "float32" },
    ],
    results: [{ expression: 2, target }],
  });
}

export function* avgPool(l: Lowering, node: GraphNode): Pieces<void> {
  const [x, y] = [inputOf(node, 0), at(node.outputs, 0)];
  const [input, places] = [l.shapeOf(x), l.shapeOf(y).slice(2)];
  const kernel = numbers(node.attrs, "kernel");
  const [stride, dilation] = [numbers(node.attrs, "stride"), numbers(node.attrs, "dilation")];
  const before = pairs(node.attrs, "padding").map(([first]) => first);
  const spatial = input.slice(2);
  const reach = places.map(
    (count, axis) => (count - 1) * at(stride, axis) + (at(kernel, axis) - 1) * at(dilation, axis) + 1,
  );
  const padded = before.some((count) => count > 0) || reach.some((length, axis) => length > at(spatial, axis));
  const sizes = padded ? reach.map((length, axis) => Math.max(length, at(spatial, axis) + at(before, axis))) : spatial;
  const images = { buffer: l.dense(x), view: wholeView(input) };
  const source = padded ? (yield* packed.wait()).padder(l.builder)(images, before, sizes) : images;
  l.write(y, "row-major", (target) =>
    sumWindows(l, source, target, { places, kernel }, { stride, dilation, offset: 0 }, 1 / sizeOf(kernel)),
  );
}

/** The gradient is spread out by the stride among zeros; then every input sums the window of those that it took part in. */
export function avgPoolGradient(l: Lowering, node: GraphNode): void {
  const [dy, dx] = [inputOf(node, 0), at(node.outputs, 0)];
  const [shape, input] = [l.shapeOf(dy), l.shapeOf(dx).slice(2)];
  const counts = [at(shape, 0), at(shape, 1)] as const;
  const places = shape.slice(2);
  const kernel = numbers(node.attrs, "kernel");
  const [stride, dilation] = [numbers(node.attrs, "stride"), numbers(node.attrs, "dilation")];
  const before = pairs(node.attrs, "padding").map(([first]) => first);
  // Place p lies at p * stride + extent - 1 - before, so that input i sums what lies at i to i + extent - 1.
  const extent = kernel.map((length, axis) => (length - 1) * at(dilation, axis));
  const start = extent.map((length, axis) => length - at(before, axis));
  const sizes = input.map((length, axis) => length + at(extent, axis));
  const first = start.map((offset, axis) => (offset < 0 ? Math.ceil(-offset / at(stride, axis)) : 0));
  const count = places.map((length, axis) =>
    Math.max(
      0,
      Math.min(length, Math.floor((at(sizes, axis) - 1 - at(start, axis)) / at(stride, axis)) + 1) - at(first, axis),
    ),
  );
  const size = sizeOf(counts) * sizeOf(sizes);
  const spread = l.builder.local(size * 4);
  l.fill(spread, size, 0, "float32");
  const ones = places.map(() => 1);
  const part = [...counts, ...count];
  const { buffer, view } = l.read(dy);
  const to = slice(
    wholeView([...counts, ...sizes]),
    [0, 0, ...first.map((place, axis) => place * at(stride, axis) + at(start, axis))],
    part,
    [1, 1, ...stride],
  );
  l.copy(buffer, slice(view, [0, 0, ...first], part, [1, 1, ...ones]), spread, to, "float32");
  const images = { buffer: spread, view: wholeView([...counts, ...sizes]) };
  l.write(dx, "row-major", (target) =>
    sumWindows(l, images, target, { places: input, kernel }, { stride: ones, dilation, offset: 0 }, 1 / sizeOf(kernel)),
  );
}
