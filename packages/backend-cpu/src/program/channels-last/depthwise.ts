// Depthwise convolution and its gradients over channels-last arrays: as many groups as channels, and one or more outputs for each.
import { sizeOf } from "@stria/core";
import { depthwiseArguments, depthwiseGradientArguments } from "../../kernels/channels-last/depthwise-arguments.ts";
import { depthwiseGradientKernel } from "../../kernels/channels-last/depthwise-weight-gradient.ts";
import { depthwiseKernel } from "../../kernels/channels-last/depthwise.ts";
import { transposeKernel } from "../../kernels/channels-last/transpose.ts";
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import { addMap, type Read } from "../elementwise.ts";
import type { Operand } from "../product.ts";
import { addReduction } from "../reduction.ts";
import type { Argument, ProgramBuilder } from "../steps.ts";
import { wholeView } from "../view.ts";
import { evenParts } from "../written-pixels.ts";
import { isDepthwiseShape } from "./algorithms.ts";
import { hasDepthwisePlan, planDepthwise, type DepthwisePlan, type Direction } from "./depthwise-plan.ts";
import { addInputGradientLast } from "./input-gradient.ts";
import type {
  ForwardOperands,
  InputGradientOperands,
  PixelEpilogue,
  PixelOperand,
  WeightGradientOperands,
} from "./pixels.ts";

/** Whether these algorithms suit: as many groups as channels, a kernel that is not very long, and nothing empty. */
export function depthwiseSuits(g: ConvolutionGeometry): boolean {
  const sizes = [g.batch, g.outputs, ...g.input, ...g.places, ...g.kernel];
  if (!isDepthwiseShape(g) || sizes.includes(0)) return false;
  return hasDepthwisePlan(g, "forward") && hasDepthwisePlan(g, "backward");
}

function planOf(g: ConvolutionGeometry, direction: Direction, twice: boolean): DepthwisePlan {
  const plan = planDepthwise(g, direction, twice);
  if (!plan) throw new RangeError("there is no plan of this convolution");
  return plan;
}

/** A convolution with one output for each channel that computes the same from an input whose channels are repeated. */
function withoutMultiplier(g: ConvolutionGeometry): ConvolutionGeometry {
  return { ...g, channels: g.outputs, groups: g.outputs };
}

/** y[n, place, c * m + j] = sum over k of w[c * m + j, k] x[n, place * stride + k * dilation - before, c] */
export function addDepthwiseConvolution(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  /** The weight lies row-major, [outputs, 1, ...kernel]. */
  buffers: ForwardOperands,
  epilogue: PixelEpilogue,
): void {
  const input = repeated(builder, g, buffers.x);
  const { weight, y, bias } = buffers;
  addJoined(builder, tile, withoutMultiplier(g), "forward", { input, weight, output: y, bias }, epilogue);
}

/** dx[n, i, c] = sum over j, k of w[c * m + j, k] dy[n, place, c * m + j], where place * stride + k * dilation - before = i */
export function addDepthwiseInputGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: InputGradientOperands,
  epilogue: PixelEpilogue,
): void {
  const { dy, weight, dx, bias } = buffers;
  const times = g.outputs / g.channels;
  if (times === 1) return addJoined(builder, tile, g, "backward", { input: dy, weight, output: dx, bias }, epilogue);
  const isPlain = !bias && !epilogue.relu && epilogue.most === undefined && !epilogue.residual && dx.offset === 0;
  if (!isPlain || (dx.pitch ?? g.channels) !== g.channels)
    return addInputGradientLast(builder, tile, g, buffers, epilogue);
  // The gradient by an input whose channels are repeated, and then the sum over the repetitions.
  const shape = [g.batch * sizeOf(g.input) * g.channels, times];
  const buffer = builder.local(sizeOf(shape) * 4);
  const output = { buffer, offset: 0 };
  addJoined(builder, tile, withoutMultiplier(g), "backward", { input: dy, weight, output, bias: undefined }, epilogue);
  const read: Read = { buffer, dtype: "float32", view: wholeView(shape) };
  const load = { op: "load", operand: 0, dtype: "float32" } as const;
  addReduction(builder, {
    reduction: "sum",
    dtype: "float32",
    shape,
    axes: [1],
    kept: [0],
    reads: [read],
    expressions: [load],
    results: [{ expression: 0, target: dx.buffer }],
  });
}

/** dw[c * m + j, k] = sum over n, places of dy[n, place, c * m + j] x[n, place * stride + k * dilation - before, c] */
export function addDepthwiseWeightGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: WeightGradientOperands,
): void {
  const { dy, dw } = buffers;
  const x = repeated(builder, g, buffers.x);
  const plan = planOf(g, "forward", false);
  const [inputPitch, outputPitch] = [(x.pitch ?? g.outputs) * 4, (dy.pitch ?? g.outputs) * 4];
  const channelBytes = Math.ceil(g.outputs / 4) * 16;
  const tables = tablesOf(builder, plan, inputPitch, channelBytes);
  const sums = builder.local(plan.taps * channelBytes);
  // Whole cache lines, so that no two threads read the same one.
  const lines = Math.ceil(channelBytes / 64);
  const unitBytes = builder.threads === 1 ? channelBytes : Math.ceil(lines / (builder.threads * 2)) * 64;
  const values: Record<(typeof depthwiseGradientArguments)[number], Argument> = {
    input: addressOf(x),
    gradient: addressOf(dy),
    sums: { buffer: sums },
    tiles: tables.tiles,
    tilesEnd: tables.tilesEnd,
    rowStarts: tables.rowStarts,
    rowStartsEnd: tables.rowStartsEnd,
    joints: tables.joints,
    batch: g.batch,
    inputImage: plan.inputPixels * inputPitch,
    outputRow: plan.width * outputPitch,
    unitBytes,
    channelBytes,
    taps: plan.taps,
  };
  builder.step({
    kernel: depthwiseGradientKernel({
      channels: g.outputs,
      inputPitch,
      outputPitch,
      fused: tile.fused,
      tiles: plan.codes,
    }),
    arguments: depthwiseGradientArguments.map((name) => values[name]),
    units: Math.ceil(channelBytes / unitBytes),
    grain: 1,
    cost: (g.batch * plan.outputPixels * g.outputs * plan.taps) / 4,
    reads: [x.buffer, dy.buffer],
    writes: [sums],
  });
  builder.step({
    kernel: transposeKernel,
    arguments: [{ buffer: sums }, channelBytes, plan.taps, { buffer: dw }, plan.taps * 4],
    units: g.outputs,
    cost: g.outputs * plan.taps,
    reads: [sums],
    writes: [dw],
  });
}

function addressOf({ buffer, offset }: Operand): Argument {
  return { buffer, offset: offset * 4 };
}

/** The input with every channel as often as it has outputs. */
function repeated(builder: ProgramBuilder, g: ConvolutionGeometry, x: PixelOperand): PixelOperand {
  const times = g.outputs / g.channels;
  if (times === 1) return x;
  const shape = [g.batch * sizeOf(g.input), g.channels, times];
  const buffer = builder.local(sizeOf(shape) * 4);
  const view = { shape, strides: [x.pitch ?? g.channels, 1, 0], offset: x.offset };
  const read: Read = { buffer: x.buffer, dtype: "float32", view };
  const load = { op: "load", operand: 0, dtype: "float32" } as const;
  addMap(builder, shape, [read], [load], [{ buffer, dtype: "float32", view: wholeView(shape), expression: 0 }]);
  return { buffer, offset: 0 };
}

interface Tables {
  readonly tiles: Argument;
  readonly tilesEnd: Argument;
  readonly rowStarts: Argument;
  readonly rowStartsEnd: Argument;
  readonly joints: Argument;
}

/** `inputPitch`: bytes from pixel to pixel; `tapPitch`: bytes from one element of the kernel to the next. */
function tablesOf(builder: ProgramBuilder, plan: DepthwisePlan, inputPitch: number, tapPitch: number): Tables {
  const tiles = plan.tiles.flatMap(({ code, output, input }) => [code, output, input * inputPitch]);
  const joints = plan.rows.flat().flatMap(({ input, tap }) => [input * inputPitch, tap * tapPitch]);
  const starts = [0];
  for (const row of plan.rows) starts.push((starts.at(-1) ?? 0) + row.length * 8);
  const words = [...tiles, ...starts, ...joints];
  const buffer = builder.table(`depthwise ${words.join()}`, () => Int32Array.from(words));
  const at = (word: number): Argument => ({ buffer, offset: word * 4 });
  return {
    tiles: at(0),
    tilesEnd: at(tiles.length),
    rowStarts: at(tiles.length),
    rowStartsEnd: at(tiles.length + plan.rows.length),
    joints: at(tiles.length + starts.length),
  };
}

/** Adds the steps that compute one side from the other, with one output for each channel. */
function addJoined(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  direction: Direction,
  operands: {
    readonly input: PixelOperand;
    readonly weight: Operand;
    readonly output: PixelOperand;
    readonly bias: Operand | undefined;
  },
  { relu, most, residual }: PixelEpilogue,
): void {
  const { input, weight, output, bias } = operands;
  const { channels } = g;
  const plan = planOf(g, direction, true);
  const packed = builder.local(plan.taps * channels * 4);
  builder.step({
    kernel: transposeKernel,
    arguments: [addressOf(weight), plan.taps * 4, channels, { buffer: packed }, channels * 4],
    units: plan.taps,
    cost: channels * plan.taps,
    reads: [weight.buffer],
    writes: [packed],
  });
  const [inputPitch, outputPitch] = [(input.pitch ?? channels) * 4, (output.pitch ?? channels) * 4];
  const residualPitch = residual && (residual.pitch ?? channels) * 4;
  const tables = tablesOf(builder, plan, inputPitch, channels * 4);
  const rows = plan.rows.length;
  const values: Record<(typeof depthwiseArguments)[number], Argument> = {
    input: addressOf(input),
    weight: { buffer: packed },
    output: addressOf(output),
    bias: bias ? addressOf(bias) : 0,
    residual: residual ? addressOf(residual) : 0,
    tiles: tables.tiles,
    tilesEnd: tables.tilesEnd,
    rowStarts: tables.rowStarts,
    joints: tables.joints,
    rows,
    inputImage: plan.inputPixels * inputPitch,
    outputRow: plan.width * outputPitch,
    residualRow: plan.width * (residualPitch ?? 0),
  };
  builder.step({
    kernel: depthwiseKernel({
      channels,
      inputPitch,
      outputPitch,
      residualPitch,
      bias: bias !== undefined,
      relu,
      most,
      fused: tile.fused,
      tiles: plan.codes,
    }),
    arguments: depthwiseArguments.map((name) => values[name]),
    units: g.batch * rows,
    cost: (g.batch * plan.outputPixels * channels * plan.taps) / 4,
    reads: [input.buffer, packed, ...(bias ? [bias.buffer] : []), ...(residual ? [residual.buffer] : [])],
    writes: [output.buffer],
    pixels: { target: output, channels, parts: evenParts(g.batch * plan.outputPixels, plan.width), byUnit: true },
  });
}
