// Steps of convolutions by Winograd's algorithm: one transforms the weights, one does all the rest, block by block of tiles.
import { at } from "@stria/core";
import { f2x3, f4x3, type WinogradMatrices } from "../../kernels/channels-last/winograd-matrices.ts";
import { winogradArguments } from "../../kernels/channels-last/winograd-arguments.ts";
import {
  betweenBytes,
  outputGroup,
  planeRoom,
  tileBytes,
  weightRowsPerUnit,
  winogradScratchBytes,
} from "../../kernels/channels-last/winograd-scratch.ts";
import { winogradWeightKernel } from "../../kernels/channels-last/winograd-weight.ts";
import { winogradKernel } from "../../kernels/channels-last/winograd.ts";
import { tileColumns, type Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import type { Operand } from "../product.ts";
import type { BufferId, ProgramBuilder } from "../steps.ts";
import { tiledParts } from "./tiled-parts.ts";
import { type Algorithm, isWinogradShape, type Pass } from "./algorithms.ts";
import type { ForwardOperands, InputGradientOperands, PixelEpilogue } from "./pixels.ts";
import {
  chooseWinograd,
  tilesOf,
  winogradCycles,
  winogradTile,
  winogradWeightCycles,
  winogradWeightPays,
  type WinogradShape,
} from "./winograd-cost.ts";
import { imageWords, tileWords, type WinogradWords } from "./winograd-words.ts";

/** A convolution with its input and output named by what they are to the kernel. */
interface Correlation extends WinogradShape {
  readonly input: readonly number[];
  readonly before: readonly number[];
  /** Whether channels and outputs change places in the weight, and its taps are turned round. */
  readonly transposed: boolean;
}

function forwardOf(g: ConvolutionGeometry): Correlation {
  return { ...g, transposed: false };
}

/** The gradient by the input is a convolution of the output's gradient. */
function gradientOf(g: ConvolutionGeometry): Correlation {
  return {
    batch: g.batch,
    channels: g.outputs,
    outputs: g.channels,
    input: g.places,
    places: g.input,
    before: g.before.map((before) => 2 - before),
    transposed: true,
  };
}

/** Whether Winograd's algorithm is the fastest for this pass of a convolution. */
export function winogradSuits(g: ConvolutionGeometry, pass: Pass = "forward"): boolean {
  if (!isWinogradShape(g)) return false;
  if (pass === "weight gradient") return winogradWeightPays(g);
  return chooseWinograd(pass === "input gradient" ? gradientOf(g) : forwardOf(g)) !== undefined;
}

/** The algorithm of this pass by the places of its tiles, the fastest by the rule. */
export function winogradTiles(g: ConvolutionGeometry, pass: Pass): WinogradMatrices {
  if (pass === "weight gradient") return f4x3;
  return chooseWinograd(pass === "input gradient" ? gradientOf(g) : forwardOf(g)) ?? f4x3;
}

/** Cycles that this pass takes by the model that the rule goes by, transforms included; eight multiply-adds are one. */
export function cyclesOfWinograd(g: ConvolutionGeometry, pass: Pass, algorithm: Algorithm): number {
  if (pass === "weight gradient") return winogradWeightCycles(g);
  return winogradCycles(
    pass === "input gradient" ? gradientOf(g) : forwardOf(g),
    algorithm === "winograd-2x2" ? f2x3 : f4x3,
  );
}

/** y = x * weight, channels-last; the weight lies row-major as [outputs, channels, 3, 3]. For shapes of 3 x 3 with stride, dilation and groups 1. */
export function addWinogradConvolution(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: ForwardOperands,
  epilogue: PixelEpilogue,
  matrices?: WinogradMatrices,
): void {
  addCorrelation(builder, tile, forwardOf(g), buffers, epilogue, matrices);
}

/** The gradient by the input, from dy: the same with the weight turned round. */
export function addWinogradInputGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: InputGradientOperands,
  epilogue: PixelEpilogue,
  matrices?: WinogradMatrices,
): void {
  const { dy: x, weight, dx: y, bias } = buffers;
  addCorrelation(builder, tile, gradientOf(g), { x, weight, y, bias }, epilogue, matrices);
}

/** Divides the tiles into blocks of about `target`: where they are few, into equal numbers for each thread. One block of heavy weights stays one. */
function blocksOf(
  tiles: number,
  target: number,
  { rows }: Tile,
  threads: number,
  isNear: boolean,
): { readonly tilesPerBlock: number; readonly blocks: number } {
  const count = Math.ceil(tiles / target);
  const shared = Math.ceil(count / threads) * threads;
  const divided = (isNear || count > 1) && tiles >= shared * rows ? shared : count;
  const even = Math.ceil(tiles / divided);
  const tilesPerBlock = even === tiles || divided < 4 * threads ? even : Math.ceil(even / rows) * rows;
  return { tilesPerBlock, blocks: Math.ceil(tiles / tilesPerBlock) };
}

/** Bytes of a block's planes that stay in the second-level cache beside some weights. */
const blockBytes = 440 * 1024;
/** Blocks of fewer tiles would read the weights too often, from memory that is the further away the more they are. */
const fewestTiles = { near: 12, far: 64 };
const mostTiles = 48;
const nearBytes = 4 * 1024 * 1024;
/** Bytes of the planes of one block that are read again for each group of outputs whose weights, far from the core, are transformed. */
const mostBytesInside = 2.75 * 1024 * 1024;
/**
 * Transformed weights that could stay, but are four times what they are made of: beyond this many bytes their transform takes longer again, which grows
 * with them while products do not hide it. (256 channels at 14 x 14, 9.4 MB: 0.83 of the time; 512 at 14 x 14, 37.7 MB: 1.1.)
 */
const mostBytesAgain = 10 * 1024 * 1024;
/** Tiles so few that threads may make their planes twice, for a more even division. */
const fewTiles = 36;

function addCorrelation(
  builder: ProgramBuilder,
  given: Tile,
  c: Correlation,
  buffers: ForwardOperands,
  epilogue: PixelEpilogue,
  matrices: WinogradMatrices = chooseWinograd(c) ?? f4x3,
): void {
  const tile = winogradTile(given, c.outputs);
  const tiles = tilesOf(c, matrices);
  if (tiles === 0 || c.outputs === 0) return;
  const { x, y } = buffers;
  const { residual } = epilogue;
  const width = tileColumns(tile);
  const planes = matrices.products ** 2;
  const panel = { count: Math.ceil(c.outputs / width), bytes: Math.ceil(c.channels / 4) * 16 * width };
  const weightBytes = planes * panel.count * panel.bytes;

  const isNear = weightBytes <= nearBytes;
  const fewest = isNear ? fewestTiles.near : fewestTiles.far;
  const target = Math.max(fewest, Math.min(mostTiles, blockBytes / (planes * 4 * (c.channels + c.outputs))));
  const { tilesPerBlock, blocks } = blocksOf(tiles, target, tile, builder.threads, isNear);
  // What is gathered by block is divided as one thread divides it, so that it is the same on any number.
  const alone = blocksOf(tiles, target, tile, 1, isNear);
  // One block uses each weight once: it is transformed when it is needed, and goes through no memory. Unless what is transformed stays, and is not so far
  // away that to read it takes longer.
  const stays = builder.keepsPreparation && (isNear || weightBytes > mostBytesAgain);
  const inside = blocks === 1 && !stays && (isNear || tiles * planes * c.channels * 4 <= mostBytesInside);
  // A call transforms the tiles of its block for itself: what is divided further is divided no further than it takes.
  const wanted = Math.ceil(builder.threads / blocks);
  const groupColumns = outputGroup(tile) * 4;
  const panelsPerGroup = inside ? groupColumns / width : Math.ceil(panel.count / Math.min(panel.count, wanted));
  const groups = Math.ceil(panel.count / panelsPerGroup);
  const zeroCount = Math.max(9, c.channels);
  const zeros = builder.table(`zeros ${zeroCount}`, () => new Float32Array(zeroCount));
  // Planes are written side by side: multiples of 4 KiB would drive each other out of the cache.
  const planeBytes = (inside ? panelsPerGroup : panel.count) * panel.bytes + 192;
  const transformed = inside ? undefined : addWeightTransform(builder, tile, c, buffers.weight, matrices, planeBytes);
  const [columnBytes, weightRowBytes] = weightSteps(c);

  const options = {
    matrices,
    tile,
    epilogue: {
      bias: buffers.bias !== undefined,
      residual: residual !== undefined,
      relu: epilogue.relu,
      most: epilogue.most,
    },
    inputRoom: planeRoom(tilesPerBlock, Math.ceil(c.channels / 16) * tileBytes),
    outputRoom: planeRoom(tilesPerBlock, Math.ceil((panelsPerGroup * width) / groupColumns) * groupColumns * 4),
    unitChannels: panelsPerGroup * width,
    weights: inside ? (c.transposed ? ("turned" as const) : ("plain" as const)) : ("transformed" as const),
  };
  const words: WinogradWords = {
    ...imageWords("x", x, c.input, c.channels),
    ...imageWords("y", y, c.places, c.outputs),
    ...(residual ? imageWords("residual", residual, c.places, c.outputs) : {}),
    ...(buffers.bias ? { bias: { buffer: buffers.bias.buffer, offset: buffers.bias.offset * 4 } } : {}),
    ...(transformed === undefined ? {} : { transformed: { buffer: transformed } }),
    weight: { buffer: buffers.weight.buffer, offset: buffers.weight.offset * 4 },
    columnBytes,
    weightRowBytes,
    ...tileWords(c, matrices, zeros),
    tilesPerBlock,
    panels: panel.count,
    groups,
    panelsPerGroup,
    planeBytes,
  };
  builder.step({
    kernel: winogradKernel(options),
    arguments: winogradArguments.map((name) => words[name] ?? 0),
    units: blocks * groups,
    cost: (tiles * planes * c.channels * c.outputs) / 4,
    scratchBytes: winogradScratchBytes(options, planeBytes),
    // Every call transforms the tiles anew.
    ...(inside
      ? {
          grain: Math.ceil(groups / (builder.threads > 1 && tiles <= fewTiles ? builder.threads * 2 : builder.threads)),
        }
      : {}),
    reads: [
      x.buffer,
      transformed ?? buffers.weight.buffer,
      zeros,
      ...(buffers.bias ? [buffers.bias.buffer] : []),
      ...(residual ? [residual.buffer] : []),
    ],
    writes: [y.buffer],
    pixels: {
      target: y,
      channels: c.outputs,
      parts: tiledParts({
        images: c.batch,
        height: at(c.places, 0),
        width: at(c.places, 1),
        tile: matrices.outputs,
        inPart: alone.tilesPerBlock,
      }),
      byUnit: groups === 1 && tilesPerBlock === alone.tilesPerBlock,
    },
    ...(residual &&
    residual.buffer !== x.buffer &&
    (residual.pitch ?? c.outputs) === (y.pitch ?? c.outputs) &&
    residual.offset === y.offset
      ? { inPlace: [[residual.buffer, y.buffer] as const] }
      : {}),
  });
}

/** Bytes from one column of the product, and from one row, to the next in the weight. */
function weightSteps(c: Correlation): readonly [column: number, row: number] {
  return c.transposed ? [36, c.outputs * 36] : [c.channels * 36, 36];
}

/** Adds the transform of the weights; returns its buffer. */
function addWeightTransform(
  builder: ProgramBuilder,
  tile: Tile,
  c: Correlation,
  weight: Operand,
  matrices: WinogradMatrices,
  planeBytes: number,
): BufferId {
  const panels = Math.ceil(c.outputs / tileColumns(tile));
  const paddedRows = Math.ceil(c.channels / 4) * 4;
  const planes = matrices.products ** 2;
  const transformed = builder.local(planes * planeBytes);
  const unitsPerPanel = Math.ceil(paddedRows / weightRowsPerUnit);
  const zeros = builder.table("zeros 9", () => new Float32Array(9));
  builder.step({
    kernel: winogradWeightKernel(matrices, tile, c.transposed),
    arguments: [
      { buffer: weight.buffer, offset: weight.offset * 4 },
      { buffer: transformed },
      { buffer: zeros },
      c.outputs,
      c.channels,
      paddedRows,
      ...weightSteps(c),
      planeBytes,
      unitsPerPanel,
    ],
    units: panels * unitsPerPanel,
    cost: (planes * planeBytes) / 8,
    scratchBytes: betweenBytes,
    reads: [weight.buffer, zeros],
    writes: [transformed],
  });
  return transformed;
}
