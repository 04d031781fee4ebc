// Turns a sliding window over channels-last pixels into steps: pack the weight, then multiply, finding the pixels through small tables of each axis.
import { at, sizeOf } from "@stria/core";
import { indirectKernel, indirectScratchBytes, pointerBytes } from "../../kernels/channels-last/indirect-product.ts";
import { outside, tableSlack } from "../../kernels/channels-last/indirect-pointers.ts";
import { indirectTile, panelWidth } from "../../kernels/channels-last/indirect-tile.ts";
import { packWeightKernel, type WeightRun } from "../../kernels/channels-last/pack-weight.ts";
import type { Tile } from "../../kernels/tile.ts";
import { floatBits } from "../../loops/vector.ts";
import type { Operand } from "../product.ts";
import type { Argument, BufferId, ProgramBuilder } from "../steps.ts";
import type { PixelEpilogue, PixelOperand } from "./pixels.ts";
import { evenParts } from "../written-pixels.ts";
import { imagesInside, isLine, isPlain, wholeAxis, type WindowAxis } from "./window.ts";

/** A weight in memory: offsets in elements. */
export interface WeightAxes {
  /** From one output channel to the next, one input channel to the next, one group to the next. */
  readonly column: number;
  readonly depth: number;
  readonly group: number;
  /** Of each element of the kernel that the window has, row-major. */
  readonly taps: readonly number[];
}

export interface IndirectRequest {
  readonly images: number;
  readonly groups: number;
  /** Channels of the input and of the output in each group. */
  readonly depth: number;
  readonly columns: number;
  /** At most three. */
  readonly axes: readonly WindowAxis[];
  readonly weightAxes: WeightAxes;
  readonly x: PixelOperand;
  readonly weight: Operand;
  readonly y: PixelOperand;
  readonly bias: Operand | undefined;
  readonly epilogue: PixelEpilogue;
  /** Whether the input's pixels are dense and the window's innermost elements lie side by side in it and never outside, so that they are one run. */
  readonly merged?: boolean;
}

/** Tiles whose pixels stay in the second-level cache while the panels pass by. */
const tilesPerUnit = 32;
const unitBytes = 384 * 1024;
const pointersPerUnit = 24 * 1024;

function addressOf({ buffer, offset }: Operand): { buffer: BufferId; offset: number } {
  return { buffer, offset: offset * 4 };
}

/** Offsets of what an axis's elements see, in elements of the input, each element of the kernel by each place or the other way round. */
function axisTable(
  builder: ProgramBuilder,
  axis: WindowAxis,
  pitch: number,
  order: "places first" | "taps first",
): BufferId {
  const { size, places, taps, start, placeStep, tapStep } = axis;
  const key = `window ${[size, places, taps, start, placeStep, tapStep, pitch].join()} ${order}`;
  return builder.table(key, () => {
    const row = places + tableSlack;
    const table = new Int32Array(order === "taps first" ? taps * row + tableSlack : places * taps + tableSlack);
    table.fill(outside);
    for (let place = 0; place < places; place++)
      for (let tap = 0; tap < taps; tap++) {
        const seen = start + place * placeStep + tap * tapStep;
        const entry = order === "taps first" ? tap * row + place : place * taps + tap;
        if (seen >= 0 && seen < size) table[entry] = seen * pitch;
      }
    return table;
  });
}

/** What lies side by side in the weight. */
function runOf({ column, depth, taps }: WeightAxes): WeightRun {
  const whole = taps.every((offset, index) => offset === index);
  if (whole && depth === taps.length) return "depth";
  if (whole && taps.length >= 4) return "kernel";
  return column === 1 ? "columns" : "none";
}

/** Input channels that are packed at a time, for all outputs, where those of one output do not lie side by side: they stay in the cache meanwhile. */
const packedTogether = 32;

/** Adds the step that packs the weight and the bias. */
function addPacking(
  builder: ProgramBuilder,
  { weight, bias, columns, weightAxes }: IndirectRequest,
  to: {
    readonly packed: BufferId;
    readonly width: number;
    readonly panels: number;
    readonly panelBytes: number;
    readonly depth: number;
  },
): void {
  const { packed, width, panels, panelBytes, depth } = to;
  const { taps } = weightAxes;
  const run = runOf(weightAxes);
  const depthPerUnit = run === "depth" ? Math.max(1, depth) : packedTogether;
  const depthUnits = Math.max(1, Math.ceil(depth / depthPerUnit));
  const panelsPerUnit = run === "depth" ? 1 : panels;
  builder.step({
    kernel: packWeightKernel(width, run),
    arguments: [
      addressOf(weight),
      { buffer: packed },
      bias ? addressOf(bias) : 0,
      { buffer: builder.table(`taps ${taps.join()}`, () => Int32Array.from(taps, (offset) => offset * 4)) },
      taps.length,
      depth,
      columns,
      Math.ceil(columns / width),
      weightAxes.column * 4,
      weightAxes.depth * 4,
      weightAxes.group * 4,
      panelBytes,
      panels,
      panelsPerUnit,
      depthPerUnit,
      depthUnits,
    ],
    units: Math.ceil(panels / panelsPerUnit) * depthUnits,
    cost: (panels * panelBytes) / 8,
    scratchBytes: 64,
    reads: [weight.buffer, ...(bias ? [bias.buffer] : [])],
    writes: [packed],
  });
}

/** Adds the steps of `y = window(x) weight + bias`, with the epilogue. */
export function addIndirect(builder: ProgramBuilder, tile: Tile, request: IndirectRequest): void {
  const { groups, depth, columns, x, y, epilogue } = request;
  const shape = indirectTile(tile, columns);
  const channels = groups * depth;
  const [pitchX, pitchY] = [x.pitch ?? channels, y.pitch ?? groups * columns];
  const byPlace =
    request.merged === true ? undefined : imagesInside({ ...request, pixelBytes: pitchX * 4 }, shape.rows);
  const [inner = wholeAxis, middle = wholeAxis, outer = wholeAxis] = (byPlace ?? request.axes).toReversed();
  const axes = [outer, middle, inner];
  const rows = (byPlace ? 1 : request.images) * sizeOf(axes.map(({ places }) => places));
  if (rows === 0 || columns === 0 || groups === 0) return;

  const width = panelWidth(shape);
  const tapCount = sizeOf(axes.map(({ taps }) => taps));
  const innerRun = request.merged === true ? inner.taps : 1;
  const run = innerRun * depth;
  const segments = run === 0 ? 0 : tapCount / innerRun;
  const panelsPerGroup = Math.ceil(columns / width);
  const panels = groups * panelsPerGroup;
  const panelBytes = (segments * run + 1) * width * 4;

  const packed = builder.local(panels * panelBytes);
  addPacking(builder, request, { packed, width, panels, panelBytes, depth: segments === 0 ? 0 : depth });

  const { residual } = epilogue;
  const pitchResidual = residual?.pitch ?? groups * columns;
  const steps = [
    outer.pixels ?? { input: middle.size * inner.size, output: middle.outputSize * inner.outputSize },
    middle.pixels ?? { input: inner.size, output: inner.outputSize },
    inner.pixels ?? { input: 1, output: 1 },
  ] as const;
  const [outerStep, middleStep, innerStep] = steps;
  const windowAxis = request.merged === true ? { ...inner, taps: Math.min(1, inner.taps) } : inner;
  const source = isPlain(axes) ? "plain" : isLine(windowAxis) ? "line" : "window";
  const outerTables = (): Argument[] => [
    { buffer: axisTable(builder, outer, outerStep.input * pitchX, "places first") },
    { buffer: axisTable(builder, middle, middleStep.input * pitchX, "places first") },
  ];
  const tables: readonly Argument[] = [
    ...(source === "plain" ? [0, 0] : outerTables()),
    source === "window" ? { buffer: axisTable(builder, windowAxis, innerStep.input * pitchX, "taps first") } : 0,
  ];
  const zeros = builder.table(`zeros ${Math.max(run, channels)}`, () => new Float32Array(Math.max(run, channels)));

  // Units: as many pixels as stay in the cache, and the panels divided where there would be too few units for the threads.
  const tiles = Math.ceil(rows / shape.rows);
  const fitting = Math.floor(unitBytes / (shape.rows * channels * 4 + 1));
  const pointing = Math.floor(pointersPerUnit / pointerBytes(shape, segments));
  const most = Math.max(1, Math.min(tilesPerUnit, Math.max(4, fitting), pointing));
  const tilesInUnit = Math.ceil(tiles / Math.ceil(tiles / most));
  const rowUnits = Math.ceil(tiles / tilesInUnit);
  const wanted = builder.threads === 1 ? 1 : builder.threads * 4;
  const panelsPerUnit = Math.ceil(panels / Math.min(panels, Math.ceil(wanted / rowUnits)));
  const firstPixel = axes.reduce((sum, axis, index) => sum + axis.outputStart * at(steps, index).output, 0);
  const inOrder =
    !byPlace &&
    axes.every(
      ({ outputStart, outputStep, outputSize, places }) =>
        outputStart === 0 && outputStep === 1 && outputSize === places,
    );
  const shifted = (operand: PixelOperand, pitch: number): Argument => ({
    buffer: operand.buffer,
    offset: (operand.offset + firstPixel * pitch) * 4,
  });
  builder.step({
    kernel: indirectKernel({
      tile: shape,
      source,
      grouped: groups > 1,
      rows,
      columns,
    }),
    arguments: [
      { buffer: packed },
      addressOf(source === "line" ? { ...x, offset: x.offset + inner.start * innerStep.input * pitchX } : x),
      { buffer: zeros },
      shifted(y, pitchY),
      residual ? shifted(residual, pitchResidual) : 0,
      at(tables, 0),
      at(tables, 1),
      at(tables, 2),
      floatBits(epilogue.relu ? 0 : -Infinity),
      floatBits(epilogue.most ?? Infinity),
      segments,
      run * width * 4,
      rows,
      tilesInUnit * shape.rows,
      rowUnits,
      panels,
      panelsPerUnit,
      panelsPerGroup,
      panelBytes,
      columns,
      depth * 4,
      pitchX * 4,
      pitchY * 4,
      pitchResidual * 4,
      outer.taps,
      middle.taps,
      segments === 0 ? 0 : windowAxis.taps,
      outer.places,
      middle.places,
      inner.places,
      (inner.places + tableSlack) * 4,
      inner.placeStep * innerStep.input * pitchX * 4,
      outer.size * middle.size * inner.size * pitchX * 4,
      sizeOf(axes.map(({ outputSize }) => outputSize)),
      outer.outputStep * outerStep.output,
      middle.outputStep * middleStep.output,
      inner.outputStep * innerStep.output,
    ],
    units: rowUnits * Math.ceil(panels / panelsPerUnit),
    cost: (rows * panels * panelBytes) / 16,
    scratchBytes: indirectScratchBytes(shape, segments, tilesInUnit),
    reads: [packed, x.buffer, ...(residual ? [residual.buffer] : [])],
    writes: [y.buffer],
    pixels: inOrder
      ? {
          target: y,
          channels: groups * columns,
          parts: evenParts(rows, tilesInUnit * shape.rows),
          byUnit: panelsPerUnit >= panels,
        }
      : undefined,
    ...(residual && residual.buffer !== x.buffer && pitchResidual === pitchY
      ? { inPlace: [[residual.buffer, y.buffer] as const] }
      : {}),
  });
}
