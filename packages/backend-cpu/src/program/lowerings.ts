// How each op that is a kernel of its own becomes steps.
import { allocate, at, bytesOf, sizeOf, stridesOf, type GraphNode } from "@stria/core";
import { argMaxKernel } from "../kernels/arg-max.ts";
import { maxPoolGatherKernel, maxPoolGradientKernel, maxPoolKernel } from "../kernels/pool.ts";
import { flag, numberOf, numbers, pairs } from "./classify.ts";
import { addConvolution, addInputGradient, addWeightGradient, type ConvolutionGeometry, type PadPlanes } from "./convolution.ts";
import { addReduction } from "./elementwise.ts";
import type { Unit } from "./groups.ts";
import type { Lowering } from "./lower.ts";
import { addProduct, tableAxes } from "./product.ts";
import type { BufferId } from "./steps.ts";
import { broadcast, slice, wholeView, type View } from "./view.ts";

type Epilogue = Unit["epilogue"];
type Rule = (l: Lowering, node: GraphNode, epilogue: Epilogue) => void;

function inputOf(node: GraphNode, index: number): number {
  return at(node.inputs, index);
}

function outputOf(node: GraphNode, epilogue: Epilogue): number {
  return epilogue?.output ?? at(node.outputs, 0);
}

function biasOf(l: Lowering, epilogue: Epilogue): { buffer: BufferId; offset: number } | undefined {
  if (epilogue?.bias === undefined) return undefined;
  const { buffer, view } = l.read(epilogue.bias);
  return { buffer, offset: view.offset };
}

/** Pads with zeros, and remembers what it has padded: the weight gradient reads the same as the forward pass where both are one program. */
function padder(l: Lowering): PadPlanes {
  return (buffer, planes, spatial, before, padded) => {
    const target = l.builder.local(planes * sizeOf(padded) * 4);
    l.fill(target, planes * sizeOf(padded), 0, "float32");
    // What lies beyond the padded size is read by no window.
    const kept = spatial.map((length, axis) => Math.min(length, at(padded, axis) - at(before, axis)));
    const from = slice(wholeView([planes, ...spatial]), [0, ...spatial.map(() => 0)], [planes, ...kept], [1, ...spatial.map(() => 1)]);
    const to = slice(wholeView([planes, ...padded]), [0, ...before], [planes, ...kept], [1, ...spatial.map(() => 1)]);
    l.copy(buffer, from, target, to, "float32");
    return target;
  };
}

function geometry(node: GraphNode, input: readonly number[], output: readonly number[], kernel: readonly number[]): ConvolutionGeometry {
  return {
    batch: at(input, 0),
    channels: at(input, 1),
    outputs: at(output, 1),
    groups: numberOf(node.attrs, "groups"),
    input: input.slice(2),
    places: output.slice(2),
    kernel,
    stride: numbers(node.attrs, "stride"),
    dilation: numbers(node.attrs, "dilation"),
    before: pairs(node.attrs, "padding").map(([before]) => before),
  };
}

function conv(l: Lowering, node: GraphNode, epilogue: Epilogue): void {
  const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(x), l.shapeOf(at(node.outputs, 0)), l.shapeOf(weight).slice(2));
  const bias = biasOf(l, epilogue);
  addConvolution(l.builder, l.tile, g, { x: l.dense(x), weight: l.dense(weight), y: l.buffer(outputOf(node, epilogue)), bias }, { bias: bias ? "row" : "none", relu: epilogue?.relu ?? false }, padder(l));
}

function convTranspose(l: Lowering, node: GraphNode, epilogue: Epilogue): void {
  const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(at(node.outputs, 0)), l.shapeOf(x), l.shapeOf(weight).slice(2));
  const bias = biasOf(l, epilogue);
  addInputGradient(l.builder, l.tile, g, { dy: l.dense(x), weight: l.dense(weight), dx: l.buffer(outputOf(node, epilogue)), bias }, { bias: bias ? "row" : "none", relu: epilogue?.relu ?? false }, padder(l));
}

function convWeightGradient(l: Lowering, node: GraphNode): void {
  const [x, dy] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(x), l.shapeOf(dy), numbers(node.attrs, "kernel"));
  addWeightGradient(l.builder, l.tile, g, { x: l.dense(x), dy: l.dense(dy), dw: l.buffer(at(node.outputs, 0)) }, padder(l));
}

function matmul(l: Lowering, node: GraphNode, epilogue: Epilogue): void {
  const output = l.shapeOf(at(node.outputs, 0));
  const lead = output.slice(0, -2);
  const operand = (index: number, transposed: boolean): { buffer: BufferId; view: View } => {
    const { buffer, view } = l.read(inputOf(node, index));
    const wide = broadcast(view, [...lead, ...view.shape.slice(-2)]);
    const swap = (list: readonly number[]): number[] => [...list.slice(0, -2), at(list, list.length - 1), at(list, list.length - 2)];
    return { buffer, view: transposed ? { ...wide, shape: swap(wide.shape), strides: swap(wide.strides) } : wide };
  };
  const a = operand(0, flag(node.attrs, "transposeA"));
  const b = operand(1, flag(node.attrs, "transposeB"));
  const rank = output.length;
  const [rows, columns, depth] = [at(output, rank - 2), at(output, rank - 1), at(a.view.shape, rank - 1)];
  const [rowA, depthA] = [at(a.view.strides, rank - 2), at(a.view.strides, rank - 1)];
  const [depthB, columnB] = [at(b.view.strides, rank - 2), at(b.view.strides, rank - 1)];
  const bias = biasOf(l, epilogue);
  const common = {
    a: { buffer: a.buffer, offset: a.view.offset },
    b: { buffer: b.buffer, offset: b.view.offset },
    c: { buffer: l.buffer(outputOf(node, epilogue)), offset: 0 },
    bias,
    epilogue: { bias: bias ? ("column" as const) : ("none" as const), relu: epilogue?.relu ?? false },
    depth: { a: tableAxes([depth], [depthA]), b: tableAxes([depth], [depthB]) },
    columns: { b: tableAxes([columns], [columnB]), c: tableAxes([columns], [1]) },
  };
  const matrices = sizeOf(lead);
  // One matrix on the right for all on the left: the batch is more rows of one product.
  const rowAxes = tableAxes([...lead, rows], a.view.strides.slice(0, -1));
  if (b.view.strides.slice(0, -2).every((stride, axis) => stride === 0 || at(lead, axis) === 1) && !a.view.strides.slice(0, -2).some((stride, axis) => stride === 0 && at(lead, axis) > 1)) {
    addProduct(l.builder, l.tile, { ...common, rows: { a: rowAxes, cStride: columns }, batch: [{ a: 0, b: 0, c: 0, bias: 0 }] });
    return;
  }
  const pitch = stridesOf(lead);
  const batch = Array.from({ length: matrices }, (_, index) => {
    const offset = (view: View): number => lead.reduce((sum, length, axis) => sum + (Math.floor(index / at(pitch, axis)) % length) * at(view.strides, axis), 0);
    return { a: offset(a.view), b: offset(b.view), c: index * rows * columns, bias: 0 };
  });
  addProduct(l.builder, l.tile, { ...common, rows: { a: tableAxes([rows], [rowA]), cStride: columns }, batch });
}

function maxPool(l: Lowering, node: GraphNode): void {
  const x = inputOf(node, 0);
  const [input, output] = [l.shapeOf(x), l.shapeOf(at(node.outputs, 0))];
  const [values, indices] = [l.buffer(at(node.outputs, 0)), l.buffer(at(node.outputs, 1))];
  const source = l.dense(x);
  const kernel = numbers(node.attrs, "kernel");
  l.builder.step({
    kernel: maxPoolKernel({
      input: input.slice(2),
      output: output.slice(2),
      kernel,
      stride: numbers(node.attrs, "stride"),
      dilation: numbers(node.attrs, "dilation"),
      before: pairs(node.attrs, "padding").map(([before]) => before),
    }),
    arguments: [{ buffer: source }, { buffer: values }, { buffer: indices }],
    units: sizeOf(output) === 0 ? 0 : at(output, 0) * at(output, 1),
    cost: sizeOf(output) * sizeOf(kernel),
    reads: [source],
    writes: [values, indices],
  });
}

function maxPoolGradient(l: Lowering, node: GraphNode): void {
  const [dy, indices, dx] = [l.dense(inputOf(node, 0)), l.dense(inputOf(node, 1)), l.buffer(at(node.outputs, 0))];
  const [input, output] = [l.shapeOf(at(node.outputs, 0)), l.shapeOf(inputOf(node, 0))];
  l.builder.step({
    kernel: maxPoolGradientKernel({ places: sizeOf(output.slice(2)), plane: sizeOf(input.slice(2)) }),
    arguments: [{ buffer: indices }, { buffer: dy }, { buffer: dx }],
    units: at(input, 0) * at(input, 1),
    cost: sizeOf(input),
    reads: [dy, indices],
    writes: [dx],
  });
}

function maxPoolGather(l: Lowering, node: GraphNode): void {
  const [x, indices, y] = [l.dense(inputOf(node, 0)), l.dense(inputOf(node, 1)), l.buffer(at(node.outputs, 0))];
  const [input, output] = [l.shapeOf(inputOf(node, 0)), l.shapeOf(at(node.outputs, 0))];
  l.builder.step({
    kernel: maxPoolGatherKernel({ places: sizeOf(output.slice(2)), plane: sizeOf(input.slice(2)) }),
    arguments: [{ buffer: indices }, { buffer: x }, { buffer: y }],
    units: at(output, 0) * at(output, 1),
    cost: sizeOf(output),
    reads: [x, indices],
    writes: [y],
  });
}

/** Sums windows of a padded [planes, ...spatial] array times `factor` into `target`, as a reduction over a view in which windows overlap. */
function sumWindows(
  l: Lowering,
  source: BufferId,
  target: BufferId,
  planes: number,
  sizes: { readonly padded: readonly number[]; readonly places: readonly number[]; readonly kernel: readonly number[] },
  steps: { readonly stride: readonly number[]; readonly dilation: readonly number[]; readonly offset: number },
  factor: number,
): void {
  const pitch = stridesOf(sizes.padded);
  const view: View = {
    shape: [planes, ...sizes.places, ...sizes.kernel],
    strides: [sizeOf(sizes.padded), ...pitch.map((step, axis) => step * at(steps.stride, axis)), ...pitch.map((step, axis) => step * at(steps.dilation, axis))],
    offset: steps.offset,
  };
  const axes = sizes.kernel.map((_, axis) => 1 + sizes.places.length + axis);
  addReduction(
    l.builder,
    "sum",
    "float32",
    view.shape,
    axes,
    [{ buffer: source, dtype: "float32", view }],
    [{ op: "load", operand: 0, dtype: "float32" }, { op: "constant", value: factor, dtype: "float32" }, { op: "mul", inputs: [0, 1], dtype: "float32" }],
    2,
    target,
  );
}

function avgPool(l: Lowering, node: GraphNode): void {
  const x = inputOf(node, 0);
  const [input, places] = [l.shapeOf(x), l.shapeOf(at(node.outputs, 0)).slice(2)];
  const planes = at(input, 0) * at(input, 1);
  const kernel = numbers(node.attrs, "kernel");
  const [stride, dilation] = [numbers(node.attrs, "stride"), numbers(node.attrs, "dilation")];
  const before = pairs(node.attrs, "padding").map(([first]) => first);
  const spatial = input.slice(2);
  const reach = places.map((count, axis) => (count - 1) * at(stride, axis) + (at(kernel, axis) - 1) * at(dilation, axis) + 1);
  const padded = before.some((count) => count > 0) || reach.some((length, axis) => length > at(spatial, axis));
  const sizes = padded ? reach.map((length, axis) => Math.max(length, at(spatial, axis) + at(before, axis))) : spatial;
  const source = padded ? padder(l)(l.dense(x), planes, spatial, before, sizes) : l.dense(x);
  sumWindows(l, source, l.buffer(at(node.outputs, 0)), planes, { padded: sizes, places, kernel }, { stride, dilation, offset: 0 }, 1 / sizeOf(kernel));
}

/** The gradient is spread out by the stride among zeros; then every input sums the window of those that it took part in. */
function avgPoolGradient(l: Lowering, node: GraphNode): void {
  const dy = inputOf(node, 0);
  const [shape, input] = [l.shapeOf(dy), l.shapeOf(at(node.outputs, 0)).slice(2)];
  const planes = at(shape, 0) * at(shape, 1);
  const places = shape.slice(2);
  const kernel = numbers(node.attrs, "kernel");
  const [stride, dilation] = [numbers(node.attrs, "stride"), numbers(node.attrs, "dilation")];
  const before = pairs(node.attrs, "padding").map(([first]) => first);
  // Place p lies at p * stride + extent - 1 - before, so that input i sums what lies at i to i + extent - 1.
  const extent = kernel.map((length, axis) => (length - 1) * at(dilation, axis));
  const start = extent.map((length, axis) => length - at(before, axis));
  const sizes = input.map((length, axis) => length + at(extent, axis));
  const first = start.map((offset, axis) => (offset < 0 ? Math.ceil(-offset / at(stride, axis)) : 0));
  const count = places.map((length, axis) => Math.max(0, Math.min(length, Math.floor((at(sizes, axis) - 1 - at(start, axis)) / at(stride, axis)) + 1) - at(first, axis)));
  const spread = l.builder.local(planes * sizeOf(sizes) * 4);
  l.fill(spread, planes * sizeOf(sizes), 0, "float32");
  const ones = places.map(() => 1);
  const from = slice(wholeView([planes, ...places]), [0, ...first], [planes, ...count], [1, ...ones]);
  const to = slice(wholeView([planes, ...sizes]), [0, ...first.map((place, axis) => place * at(stride, axis) + at(start, axis))], [planes, ...count], [1, ...stride]);
  l.copy(l.dense(dy), from, spread, to, "float32");
  sumWindows(l, spread, l.buffer(at(node.outputs, 0)), planes, { padded: sizes, places: input, kernel }, { stride: ones, dilation, offset: 0 }, 1 / sizeOf(kernel));
}

function pad(l: Lowering, node: GraphNode): void {
  const input = inputOf(node, 0);
  const output = at(node.outputs, 0);
  const { dtype, shape } = at(l.graph.values, output);
  const before = pairs(node.attrs, "padding").map(([first]) => first);
  const source = l.read(input);
  const target = l.buffer(output);
  const value = node.attrs["value"];
  l.fill(target, sizeOf(shape), typeof value === "boolean" ? Number(value) : numberOf(node.attrs, "value"), dtype);
  l.copy(source.buffer, source.view, target, slice(wholeView(shape), before, source.view.shape, shape.map(() => 1)), dtype);
}

function concat(l: Lowering, node: GraphNode): void {
  const output = at(node.outputs, 0);
  const { dtype, shape } = at(l.graph.values, output);
  const axis = numberOf(node.attrs, "axis");
  const target = l.buffer(output);
  let start = 0;
  for (const input of node.inputs) {
    const { buffer, view } = l.read(input);
    const to = slice(wholeView(shape), shape.map((_, k) => (k === axis ? start : 0)), view.shape, shape.map(() => 1));
    l.copy(buffer, view, target, to, dtype);
    start += at(view.shape, axis);
  }
}

function argMax(l: Lowering, node: GraphNode): void {
  const input = inputOf(node, 0);
  const { dtype, shape } = at(l.graph.values, input);
  const axis = numberOf(node.attrs, "axis");
  const [source, target] = [l.dense(input), l.buffer(at(node.outputs, 0))];
  const length = at(shape, axis);
  l.builder.step({
    kernel: argMaxKernel({ dtype, length, inner: sizeOf(shape.slice(axis + 1)) }),
    arguments: [{ buffer: source }, { buffer: target }],
    units: sizeOf(l.shapeOf(at(node.outputs, 0))),
    cost: sizeOf(shape),
    reads: [source],
    writes: [target],
  });
}

/** One axis of numbers, seen through a view that repeats it along the others. */
function iota(l: Lowering, node: GraphNode): void {
  const output = at(node.outputs, 0);
  const { dtype, shape } = at(l.graph.values, output);
  const axis = numberOf(node.attrs, "axis");
  const length = at(shape, axis);
  const line = l.builder.table(`iota ${dtype} ${length}`, () => {
    const data = allocate(dtype, length);
    for (let index = 0; index < length; index++) data[index] = index;
    return data;
  });
  const view = { shape, strides: shape.map((_, k) => (k === axis ? 1 : 0)), offset: 0 };
  if (sizeOf(shape) * bytesOf(dtype) > 0) l.copy(line, view, l.buffer(output), wholeView(shape), dtype);
}

/** All ops that are neither views nor elementwise nor reductions. */
export const lowerings: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["conv", conv],
  ["convTranspose", convTranspose],
  ["convWeightGradient", convWeightGradient],
  ["matmul", matmul],
  ["maxPool", maxPool],
  ["maxPoolGradient", maxPoolGradient],
  ["maxPoolGather", maxPoolGather],
  ["avgPool", avgPool],
  ["avgPoolGradient", avgPoolGradient],
  ["pad", pad],
  ["concat", concat],
  ["argMax", argMax],
  ["iota", iota],
]);
