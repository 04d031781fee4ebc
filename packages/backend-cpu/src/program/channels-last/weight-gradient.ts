// The gradient of a convolution by its weight, over channels-last values.
import { at, sizeOf } from "@stria/core";
import { tileBytes } from "../../kernels/channels-last/run-product.ts";
import { touchedBytes, type Panels } from "../../kernels/channels-last/product-side.ts";
import { weightGradientArguments, weightGradientKernel } from "../../kernels/channels-last/weight-gradient.ts";
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import { addMap } from "../elementwise.ts";
import type { Argument, BufferId, ProgramBuilder } from "../steps.ts";
import { wholeView } from "../view.ts";
import { planPixels, type Spatial } from "./pixel-runs.ts";
import type { PixelOperand } from "./pixels.ts";
import { inputSide, outputSide, tablesOf, type Side } from "./weight-gradient-tables.ts";
import { chooseTiling, type Cut, type Tiling } from "./weight-gradient-tiles.ts";
import { divideWork, type Unit } from "./weight-gradient-units.ts";

export interface WeightGradientBuffers {
  /** [n, ...input, channels]. */
  readonly x: PixelOperand;
  /** [n, ...places, outputs]. */
  readonly dy: PixelOperand;
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
  const [x, dy] = [inputSide(g, tiling, plan, buffers.x), outputSide(g, tiling, plan, buffers.dy)];
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
  const scratchB = touchedBytes + scratchOf(a, most(units, 2));
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
  const panels = ({ wide, narrow }: Cut, side: Side): Panels => ({ wide, narrow, packed: side.packed });
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
    reads: [buffers.x.buffer, buffers.dy.buffer],
    writes: [sums, buffers.dw],
  });
}

/** Panels of the largest unit: A's lie in words 2 and 3, B's in 4 and 5. */
function most(units: readonly Unit[], word: 2 | 4): number {
  return Math.max(...units.map((unit) => at(unit, word + 1) - at(unit, word)));
}

/** Bytes of packed pixels in some panels: whole cache lines, with slack behind. */
function scratchOf({ packed: kind, panelStride }: Side, panels: number): number {
  return kind === "direct" ? 0 : panelStride * (kind === "bordered" ? 1 : panels) + 64;
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
