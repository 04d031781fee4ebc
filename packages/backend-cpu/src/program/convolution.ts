// Convolutions as matrix products whose tables walk over patches. The input is padded first where it has to be; then an element of a patch lies at
// the sum of two offsets, one of the place and one of the kernel's element, for every stride, dilation and number of axes.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { Epilogue } from "../kernels/micro-kernel.ts";
import type { Tile } from "../kernels/tile.ts";
import { addFewRows } from "./few-rows.ts";
import { phasesOf, product } from "./phases.ts";
import { imageStrides, type Images, type ImageStrides } from "./images.ts";
import { addProduct, tableAxes, type Operand, type ProductRequest, type TableAxes } from "./product.ts";
import type { BufferId, ProgramBuilder } from "./steps.ts";

export interface ConvolutionGeometry {
  readonly batch: number;
  /** Channels of the input and the output of the forward convolution. */
  readonly channels: number;
  readonly outputs: number;
  readonly groups: number;
  /** Spatial sizes: input and output of the forward convolution, kernel. */
  readonly input: readonly number[];
  readonly places: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before each spatial axis. */
  readonly before: readonly number[];
}

/** Copies images into the middle of zeros. Given by the lowering, which knows how to copy. */
export type PadImages = (images: Images, before: readonly number[], padded: readonly number[]) => Images;

function scaled(strides: readonly number[], factors: readonly number[]): number[] {
  return strides.map((stride, axis) => stride * at(factors, axis));
}

function groupsOf(
  count: number,
  offsets: (group: number) => { a: number; b: number; c: number; bias: number },
): { a: number; b: number; c: number; bias: number }[] {
  return Array.from({ length: count }, (_, group) => offsets(group));
}

/** The input as every window can read it: as it is where no window leaves it, else padded. */
function windowed(g: ConvolutionGeometry, x: Images, pad: PadImages): Images {
  const reach = g.places.map(
    (count, axis) => (count - 1) * at(g.stride, axis) + (at(g.kernel, axis) - 1) * at(g.dilation, axis) + 1,
  );
  const needed = g.before.some((before) => before > 0) || reach.some((length, axis) => length > at(g.input, axis));
  if (!needed) return x;
  const sizes = reach.map((length, axis) => Math.max(length, at(g.input, axis) + at(g.before, axis)));
  return pad(x, g.before, sizes);
}

/** The axes of a patch: neighbours in memory last, so that whole runs of them are packed. */
function patch(
  { channel }: ImageStrides,
  channels: readonly [length: number, stride: number],
  kernel: readonly number[],
  strides: readonly number[],
): TableAxes {
  const [length, stride] = channels;
  return channel === 1
    ? tableAxes([...kernel, length], [...strides, stride])
    : tableAxes([length, ...kernel], [stride, ...strides]);
}

function addAnyProduct(builder: ProgramBuilder, tile: Tile, request: ProductRequest): void {
  if (!addFewRows(builder, tile, request)) addProduct(builder, tile, request);
}

/** y[n, o] = sum over c, k of w[o, c, k] x[n, c, place * stride + k * dilation - before] */
export function addConvolution(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: {
    readonly x: Images;
    readonly weight: BufferId;
    readonly y: Images;
    readonly bias: Operand | undefined;
  },
  epilogue: Epilogue,
  pad: PadImages,
): void {
  const input = windowed(g, buffers.x, pad);
  const taps = sizeOf(g.kernel);
  const [x, y] = [imageStrides(input), imageStrides(buffers.y)];
  const [perGroup, outputsPerGroup] = [g.channels / g.groups, g.outputs / g.groups];
  addAnyProduct(builder, tile, {
    a: { buffer: buffers.weight, offset: 0 },
    b: { buffer: input.buffer, offset: input.view.offset },
    c: { buffer: buffers.y.buffer, offset: buffers.y.view.offset },
    bias: buffers.bias,
    epilogue,
    rows: { a: tableAxes([outputsPerGroup], [perGroup * taps]), cStride: y.channel },
    columns: {
      b: tableAxes([g.batch, ...g.places], [x.image, ...scaled(x.pitch, g.stride)]),
      c: tableAxes([g.batch, ...g.places], [y.image, ...y.pitch]),
    },
    depth: {
      a: patch(x, [perGroup, taps], g.kernel, stridesOf(g.kernel)),
      b: patch(x, [perGroup, x.channel], g.kernel, scaled(x.pitch, g.dilation)),
    },
    batch: groupsOf(g.groups, (group) => ({
      a: group * outputsPerGroup * perGroup * taps,
      b: group * perGroup * x.channel,
      c: group * outputsPerGroup * y.channel,
      bias: group * outputsPerGroup,
    })),
  });
}

/** dw[o, c, k] = sum over n, places of dy[n, o, place] x[n, c, place * stride + k * dilation - before] */
export function addWeightGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: { readonly x: Images; readonly dy: Images; readonly dw: BufferId },
  pad: PadImages,
): void {
  const input = windowed(g, buffers.x, pad);
  const taps = sizeOf(g.kernel);
  const [x, dy] = [imageStrides(input), imageStrides(buffers.dy)];
  const [perGroup, outputsPerGroup] = [g.channels / g.groups, g.outputs / g.groups];
  addAnyProduct(builder, tile, {
    a: { buffer: buffers.dy.buffer, offset: buffers.dy.view.offset },
    b: { buffer: input.buffer, offset: input.view.offset },
    c: { buffer: buffers.dw, offset: 0 },
    bias: undefined,
    epilogue: { bias: "none", relu: false },
    rows: { a: tableAxes([outputsPerGroup], [dy.channel]), cStride: perGroup * taps },
    columns: {
      b: tableAxes([perGroup, ...g.kernel], [x.channel, ...scaled(x.pitch, g.dilation)]),
      c: tableAxes([perGroup * taps], [1]),
    },
    depth: {
      a: tableAxes([g.batch, ...g.places], [dy.image, ...dy.pitch]),
      b: tableAxes([g.batch, ...g.places], [x.image, ...scaled(x.pitch, g.stride)]),
    },
    batch: groupsOf(g.groups, (group) => ({
      a: group * outputsPerGroup * dy.channel,
      b: group * perGroup * x.channel,
      c: group * outputsPerGroup * perGroup * taps,
      bias: 0,
    })),
  });
}

/**
 * dx[n, c, i] = sum over o, k of w[o, c, k] dy[n, o, place], where place * stride + k * dilation - before = i. Every phase of the stride is a dense
 * product of its own, so no multiplication by an inserted zero is made.
 */
export function addInputGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: {
    readonly dy: Images;
    readonly weight: BufferId;
    readonly dx: Images;
    readonly bias: Operand | undefined;
  },
  epilogue: Epilogue,
  pad: PadImages,
): void {
  const phases = g.input.map((size, axis) =>
    phasesOf(size, at(g.kernel, axis), at(g.stride, axis), at(g.dilation, axis), at(g.before, axis)),
  );
  // How far the phases read beyond dy on both sides.
  const reach = phases.map((list, axis) => {
    const used = list.filter((phase) => phase.taps > 0);
    const lowest = Math.min(0, ...used.map((phase) => phase.firstPlace - (phase.taps - 1) * phase.placeStep));
    const highest = Math.max(at(g.places, axis) - 1, ...used.map((phase) => phase.firstPlace + phase.count - 1));
    return { before: -lowest, size: highest - lowest + 1 };
  });
  const before = reach.map((axis) => axis.before);
  const sizes = reach.map((axis) => axis.size);
  const padded = sizes.some((size, axis) => size !== at(g.places, axis));
  const source = padded ? pad(buffers.dy, before, sizes) : buffers.dy;
  const [dy, dx] = [imageStrides(source), imageStrides(buffers.dx)];
  const [taps, kernelPitch] = [sizeOf(g.kernel), stridesOf(g.kernel)];
  const [perGroup, outputsPerGroup] = [g.channels / g.groups, g.outputs / g.groups];
  for (const phase of product(phases)) {
    const counts = phase.map(({ count }) => count);
    const tapCounts = phase.map((axis) => axis.taps);
    const place = phase.reduce(
      (sum, axis, index) => sum + (axis.taps > 0 ? axis.firstPlace + at(before, index) : 0) * at(dy.pitch, index),
      0,
    );
    const tap = phase.reduce((sum, axis, index) => sum + axis.firstTap * at(kernelPitch, index), 0);
    const start = phase.reduce((sum, axis, index) => sum + axis.start * at(dx.pitch, index), 0);
    const empty = tapCounts.includes(0);
    const depth = (channel: number, strides: readonly number[]): TableAxes =>
      empty ? [[0, 0]] : patch(dy, [outputsPerGroup, channel], tapCounts, strides);
    addAnyProduct(builder, tile, {
      a: { buffer: buffers.weight, offset: empty ? 0 : tap },
      b: { buffer: source.buffer, offset: empty ? 0 : source.view.offset + place },
      c: { buffer: buffers.dx.buffer, offset: buffers.dx.view.offset + start },
      bias: buffers.bias,
      epilogue,
      rows: { a: tableAxes([perGroup], [taps]), cStride: dx.channel },
      columns: {
        b: tableAxes([g.batch, ...counts], [dy.image, ...dy.pitch]),
        c: tableAxes([g.batch, ...counts], [dx.image, ...scaled(dx.pitch, g.stride)]),
      },
      depth: {
        a: depth(
          perGroup * taps,
          phase.map((axis, index) => axis.tapStep * at(kernelPitch, index)),
        ),
        b: depth(
          dy.channel,
          phase.map((axis, index) => -axis.placeStep * at(dy.pitch, index)),
        ),
      },
      batch: groupsOf(g.groups, (group) => ({
        a: group * outputsPerGroup * perGroup * taps,
        b: group * outputsPerGroup * dy.channel,
        c: group * perGroup * dx.channel,
        bias: group * perGroup,
      })),
    });
  }
}
