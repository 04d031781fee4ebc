// The gradient of a convolution by its weight, over channels-last values.
import { at, sizeOf } from "@stria/core";
import { runWords, tileBytes } from "../../kernels/channels-last/run-product.ts";
import { borderedLineWords, panelLineWords } from "../../kernels/channels-last/pack-pixels.ts";
import {
  blockHeaderWords,
  weightGradientArguments,
  weightGradientKernel,
  type Panels,
} from "../../kernels/channels-last/weight-gradient.ts";
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import { addMap } from "../elementwise.ts";
import type { Argument, BufferId, ProgramBuilder } from "../steps.ts";
import { wholeView } from "../view.ts";
import { planPixels, type Line, type PixelPlan, type Spatial } from "./pixel-runs.ts";
import { chooseTiling, type Cut, type Tiling } from "./weight-gradient-tiles.ts";
import { divideWork, type Unit } from "./weight-gradient-units.ts";

/** A channels-last value, maybe a slice of a wider one. */
export interface PixelOperand {
  readonly buffer: BufferId;
  /** Elements before the first. */
  readonly offset?: number;
  /** Elements from one pixel to the next; the number of channels where it is left out. */
  readonly pitch?: number;
}

export interface WeightGradientBuffers {
  /** [n, ...input, channels]. */
  readonly x: BufferId | PixelOperand;
  /** [n, ...places, outputs]. */
  readonly dy: BufferId | PixelOperand;
  /** Row-major [outputs, channels / groups, ...kernel]. */
  readonly dw: BufferId;
}

/** Bytes of one panel of each operand in a block: they share the first-level cache. */
const panelsBytes = 24576;
const [fewestPixels, mostPixels] = [64, 256];

/** dw[o, c, k] = sum over n, places of dy[n, place, o] x[n, place * stride + k * dilation - before, c] */
export function addWeightGradientLast(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: WeightGradientBuffers,
): void {
  const size = (g.outputs * g.channels * sizeOf(g.kernel)) / g.groups;
  if (size === 0) return;
  if (g.batch * sizeOf(g.places) * sizeOf(g.input) === 0) {
    const zero = { op: "constant", value: 0, dtype: "float32" } as const;
    const write = { buffer: buffers.dw, dtype: "float32", view: wholeView([size]), expression: 0 } as const;
    addMap(builder, [size], [], [zero], [write]);
    return;
  }
  const tiling = chooseTiling(g, tile);
  const plan = planPixels(flattened(g), pixelsOfBlock(g, tiling), tiling.merged);
  const [x, dy] = [inputSide(g, tiling, plan, operand(buffers.x)), outputSide(g, tiling, plan, operand(buffers.dy))];
  const [a, b] = tiling.inputRows ? [x, dy] : [dy, x];
  const units = divideWork(
    { groups: g.groups, rows: tiling.rows, columns: tiling.columns, taps: plan.taps, pixels: plan.outputPixels },
    builder.threads,
  );
  const tables = tablesOf(g, plan, tiling, { a, b, x, dy }, units);
  const words = builder.table(`weight gradient ${JSON.stringify([g, tiling, x, dy, units])}`, () =>
    Int32Array.from(tables.words),
  );
  const part = (offset: number): Argument => ({ buffer: words, offset });
  const slot = tileBytes({ rows: tiling.rows.wide, vectors: tiling.columns.wide / 4 });
  const sums = builder.local(g.groups * tiling.rows.count * tiling.columns.count * plan.taps * slot);
  const scratchB = scratchOf(a, most(units, 2));
  const values: Record<(typeof weightGradientArguments)[number], Argument> = {
    a: a.address,
    b: b.address,
    sums: { buffer: sums },
    dw: { buffer: buffers.dw },
    plan: part(0),
    units: part(tables.units),
    blocks: part(tables.blocks),
    blocksEnd: part(tables.blocks + plan.blocks.length * tables.blockBytes),
    blockBytes: tables.blockBytes,
    rowOffsets: part(tables.rowOffsets),
    columnOffsets: part(tables.columnOffsets),
    tapOffsets: part(tables.tapOffsets),
    batch: plan.batch,
    imagesPerBlock: plan.imagesPerBlock,
    taps: plan.taps,
    columns: b.channels,
    panelsA: tiling.rows.count,
    panelsB: tiling.columns.count,
    wideA: tiling.rows.wideCount,
    wideB: tiling.columns.wideCount,
    imageA: a.image,
    imageB: b.image,
    groupA: a.group,
    groupB: b.group,
    groupDw: (size / g.groups) * 4,
    pixelA: a.sourceStep,
    pixelB: b.sourceStep,
    stepA: a.step,
    stepB: b.step,
    panelStrideA: a.panelStride,
    panelStrideB: b.panelStride,
    pieceA: a.piece,
    pieceB: b.piece,
    scratchB,
  };
  const panels = ({ wide, narrow }: Cut, { bordered }: Side): Panels => ({
    wide,
    narrow,
    packed: bordered ? "bordered" : "panels",
  });
  builder.step({
    kernel: weightGradientKernel({
      a: panels(tiling.rows, a),
      b: panels(tiling.columns, b),
      fused: tile.fused,
    }),
    arguments: weightGradientArguments.map((name) => values[name]),
    units: units.length,
    cost: (size * g.batch * sizeOf(g.places)) / 4,
    grain: 1,
    scratchBytes: scratchB + scratchOf(b, most(units, 4)),
    reads: [operand(buffers.x).buffer, operand(buffers.dy).buffer],
    writes: [sums, buffers.dw],
  });
}

function operand(given: BufferId | PixelOperand): PixelOperand {
  return typeof given === "number" ? { buffer: given } : given;
}

/** Panels of the largest unit: A's lie in words 2 and 3, B's in 4 and 5. */
function most(units: readonly Unit[], word: 2 | 4): number {
  return Math.max(...units.map((unit) => at(unit, word + 1) - at(unit, word)));
}

/** Bytes of packed pixels in some panels: whole cache lines, with slack behind. */
function scratchOf({ bordered, panelStride }: Side, panels: number): number {
  return panelStride * (bordered ? 1 : panels) + 64;
}

/** Where every pixel is read once and in order, images are one long line. */
function flattened(g: ConvolutionGeometry): Spatial {
  const once = g.kernel.every((size, axis) => {
    return (
      size === 1 && at(g.stride, axis) === 1 && at(g.before, axis) === 0 && at(g.input, axis) === at(g.places, axis)
    );
  });
  if (!once) return g;
  const pixels = [g.batch * sizeOf(g.input)];
  return { batch: 1, input: pixels, places: pixels, kernel: [1], stride: [1], dilation: [1], before: [0] };
}

/** Output pixels in a block: a panel of each operand fits in the first-level cache. */
function pixelsOfBlock(g: ConvolutionGeometry, { rows, columns }: Tiling): number {
  const read = g.stride.reduce((factor, stride, axis) => factor * (at(g.kernel, axis) > 1 ? stride : 1), 1);
  const fitting = Math.floor(panelsBytes / ((rows.wide * read + columns.wide) * 4));
  return Math.max(fewestPixels, Math.min(mostPixels, fitting));
}

/** One operand, in bytes where nothing else is said. */
interface Side {
  readonly address: Argument;
  /** Channels of a group, elements of a merged kernel included. */
  readonly channels: number;
  readonly image: number;
  readonly group: number;
  /** From one pixel of the source to the next that is packed. */
  readonly sourceStep: number;
  readonly pitch: number;
  /** From one packed pixel to the next, and from one that is multiplied to the next. */
  readonly packedPixel: number;
  readonly step: number;
  /** From one packed panel to the next; where lines are bordered, all packed pixels. */
  readonly panelStride: number;
  readonly bordered: boolean;
  /** Floats copied at a time between borders. */
  readonly piece: number;
}

/** Cache lines from panel to panel: an odd number, since panels are filled side by side. */
function spread(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}

function inputSide(g: ConvolutionGeometry, tiling: Tiling, plan: PixelPlan, x: PixelOperand): Side {
  const { merged, inputRows, rows, columns } = tiling;
  const perGroup = g.channels / g.groups;
  const pitch = (x.pitch ?? g.channels) * 4;
  const { wide } = inputRows ? rows : columns;
  const packedPixel = merged ? perGroup * 4 : wide * 4;
  const lines = plan.blocks.flatMap((block) => block.input);
  // Whole lines at a time where pixels lie side by side.
  const kept = lines[0]?.pixels ?? 0;
  const whole = pitch === perGroup * 4 && lines.every((line) => line.pixels === kept);
  return {
    address: { buffer: x.buffer, offset: (x.offset ?? 0) * 4 },
    channels: merged ? perGroup * at(g.kernel, g.kernel.length - 1) : perGroup,
    image: sizeOf(g.input) * pitch,
    group: perGroup * 4,
    sourceStep: plan.inputStep * pitch,
    pitch,
    packedPixel,
    step: plan.packedStep * packedPixel,
    panelStride: spread(plan.inputPixels * packedPixel),
    bordered: merged,
    piece: whole ? kept * perGroup : perGroup,
  };
}

function outputSide(
  g: ConvolutionGeometry,
  { inputRows, rows, columns }: Tiling,
  plan: PixelPlan,
  dy: PixelOperand,
): Side {
  const pitch = (dy.pitch ?? g.outputs) * 4;
  const { wide } = inputRows ? columns : rows;
  return {
    address: { buffer: dy.buffer, offset: (dy.offset ?? 0) * 4 },
    channels: g.outputs / g.groups,
    image: sizeOf(g.places) * pitch,
    group: (g.outputs / g.groups) * 4,
    sourceStep: pitch,
    pitch,
    packedPixel: wide * 4,
    step: wide * 4,
    panelStride: spread(plan.outputPixels * wide * 4),
    bordered: false,
    piece: 0,
  };
}

/** All tables of the kernel as one list of words, and the byte offsets of its parts. */
interface Tables {
  readonly words: readonly number[];
  readonly units: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly rowOffsets: number;
  readonly columnOffsets: number;
  readonly tapOffsets: number;
}

function tablesOf(
  g: ConvolutionGeometry,
  plan: PixelPlan,
  { merged, inputRows }: Tiling,
  { a, b, x, dy }: { readonly a: Side; readonly b: Side; readonly x: Side; readonly dy: Side },
  units: readonly Unit[],
): Tables {
  const words: number[] = [];
  const add = (list: readonly number[]): number => {
    const offset = words.length * 4;
    for (const word of list) words.push(word);
    return offset;
  };
  const images = Array.from({ length: plan.imagesPerBlock }, (_, image) => image);
  const lineWords = (side: Side, line: Line, image: number): number[] => {
    const first = line.pixel * side.pitch + image * side.image;
    if (!side.bordered) return [first, line.pixels];
    const perPixel = side.packedPixel / 4;
    const pieces = (line.pixels * perPixel) / Math.max(1, side.piece);
    return [first, line.before * perPixel, pieces, line.behind * perPixel];
  };
  const linesOf = (side: Side, lines: readonly Line[]): [offset: number, bytes: number] => {
    const perLine = side.bordered ? borderedLineWords : panelLineWords;
    const offset = add(images.flatMap((image) => lines.flatMap((line) => lineWords(side, line, image))));
    return [offset, lines.length * perLine * 4];
  };
  const headers = plan.blocks.map((block) => {
    const [inputLines, outputLines] = [linesOf(x, block.input), linesOf(dy, block.output)];
    const inputPixels = packed(block.input);
    const outputPixels = packed(block.output);
    const runs = block.runs.flatMap((list) => {
      const offset = add(
        images.flatMap((image) =>
          list.flatMap(({ input, output, pixels }) => {
            const first = (input + image * inputPixels) * x.packedPixel;
            const second = (output + image * outputPixels) * dy.packedPixel;
            return inputRows ? [first, second, pixels] : [second, first, pixels];
          }),
        ),
      );
      return [offset, list.length * runWords * 4];
    });
    return [...(inputRows ? [...inputLines, ...outputLines] : [...outputLines, ...inputLines]), ...runs];
  });
  const blocks = add(headers.flat());
  const taps = sizeOf(g.kernel);
  const perGroup = g.channels / g.groups;
  const along = merged ? at(g.kernel, g.kernel.length - 1) : 1;
  const inputOffset = (channel: number): number => (channel % perGroup) * taps + Math.floor(channel / perGroup);
  const outputOffset = (channel: number): number => channel * perGroup * taps;
  const offsets = (side: Side): number[] =>
    // A vector reads beyond the last.
    Array.from({ length: side.channels + 3 }, (_, channel) => (side === x ? inputOffset : outputOffset)(channel) * 4);
  return {
    blocks,
    blockBytes: (blockHeaderWords + 2 * plan.taps) * 4,
    units: add(units.flat()),
    rowOffsets: add(offsets(a)),
    columnOffsets: add(offsets(b)),
    tapOffsets: add(Array.from({ length: plan.taps }, (_, tap) => tap * along * 4)),
    words,
  };
}

function packed(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.before + line.pixels + line.behind, 0);
}
