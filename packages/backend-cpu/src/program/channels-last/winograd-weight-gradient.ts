// The step of a weight gradient by Winograd's algorithm.
import { winogradArguments } from "../../kernels/channels-last/winograd-arguments.ts";
import { f4x3 } from "../../kernels/channels-last/winograd-matrices.ts";
import { weightGradientScratchBytes } from "../../kernels/channels-last/winograd-gradient-scratch.ts";
import { winogradWeightGradientKernel } from "../../kernels/channels-last/winograd-weight-gradient.ts";
import { tileColumns, type Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import type { Operand } from "../product.ts";
import type { ProgramBuilder } from "../steps.ts";
import type { WeightGradientOperands } from "./pixels.ts";
import { tilesOf, winogradTile } from "./winograd-cost.ts";
import { imageWords, tileWords, type WinogradWords } from "./winograd-words.ts";

/** Channels and outputs of a unit, at most: their sums in 36 planes stay near the core. */
const most = { channels: 192, outputs: 128 };
/** Bytes of a block's planes that stay in the second-level cache beside some sums; blocks of fewer tiles would read and write the sums too often. */
const blockBytes = 440 * 1024;
const [fewestTiles, mostTiles] = [24, 48];

/**
 * So few tiles are one block, though its planes do not stay there: sums are then written once and never read. (256 channels at 8x8, batch 16: 0.85 of
 * the time; 512 at 7x7, batch 8: 0.7.)
 */
const wholeTiles = 64;
/** Of units then; of fewer outputs all sums are near anyway. */
const mostOfWhole = { channels: 128, outputs: 64 };

/** Tiles in a block, for so many channels and outputs in all. */
function tilesPerBlock(channels: number): number {
  const fitting = Math.floor(blockBytes / (f4x3.products ** 2 * 4 * channels) / 4) * 4;
  return Math.max(fewestTiles, Math.min(mostTiles, fitting));
}

/** Divides a number of channels into blocks of nearly equal size, multiples of `unit`. */
function blocksOf(count: number, blocks: number, unit: number): { size: number; blocks: number } {
  const size = Math.ceil(count / blocks / unit) * unit;
  return { size, blocks: Math.ceil(count / size) };
}

/** dw, row-major as [outputs, channels, 3, 3], from x and dy. For shapes of 3 x 3 with stride, dilation and groups 1. */
export function addWinogradWeightGradient(
  builder: ProgramBuilder,
  given: Tile,
  g: ConvolutionGeometry,
  buffers: WeightGradientOperands<Operand>,
): void {
  const { x, dy, dw } = buffers;
  const tiles = tilesOf(g, f4x3);
  const tile = winogradTile(given, g.outputs);
  const columns = tileColumns(tile);
  const whole = tiles <= wholeTiles && g.outputs > mostOfWhole.outputs;
  const largest = whole ? mostOfWhole : most;
  let channels = blocksOf(g.channels, Math.ceil(g.channels / largest.channels), 4);
  let outputs = blocksOf(g.outputs, Math.ceil(g.outputs / largest.outputs), columns);
  while (channels.blocks * outputs.blocks < builder.threads) {
    const [finerChannels, finerOutputs] = [
      blocksOf(g.channels, channels.blocks + 1, 4),
      blocksOf(g.outputs, outputs.blocks + 1, columns),
    ];
    if (channels.size >= outputs.size && finerChannels.blocks > channels.blocks) channels = finerChannels;
    else if (finerOutputs.blocks > outputs.blocks) outputs = finerOutputs;
    else break;
  }
  const options = {
    tile,
    tilesPerBlock: Math.min(whole ? wholeTiles : tilesPerBlock(channels.size + outputs.size), Math.ceil(tiles / 4) * 4),
    channels: channels.size,
    outputs: outputs.size,
  };
  const longest = Math.max(channels.size, outputs.size);
  const zeros = builder.table(`zeros ${longest}`, () => new Float32Array(longest));
  const words: WinogradWords = {
    ...imageWords("x", x, g.input, g.channels),
    ...imageWords("y", dy, g.places, g.outputs),
    ...tileWords(g, f4x3, zeros),
    gradient: { buffer: dw.buffer, offset: dw.offset * 4 },
    outputBlocks: outputs.blocks,
    channelsPerBlock: channels.size,
    outputsPerBlock: outputs.size,
  };
  builder.step({
    kernel: winogradWeightGradientKernel(options),
    arguments: winogradArguments.map((name) => words[name] ?? 0),
    units: channels.blocks * outputs.blocks,
    cost: (tiles * 36 * g.channels * g.outputs) / 4,
    scratchBytes: weightGradientScratchBytes(options),
    reads: [x.buffer, dy.buffer, zeros],
    writes: [dw.buffer],
  });
}
