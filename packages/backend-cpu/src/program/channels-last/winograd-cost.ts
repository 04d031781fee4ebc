// What a convolution costs by each algorithm, in cycles of a processor with two 128-bit multiply-add units: a fixed rule of shapes, so that the choice
// depends neither on timing nor on threads. The constants are fits to measurements (Zen 4, Node 24).
import { f2x3, f4x3, type WinogradMatrices } from "../../kernels/channels-last/winograd-matrices.ts";
import { plainTile, tileColumns, type Tile } from "../../kernels/tile.ts";

/** Multiply-adds in a cycle, and what loads around them cost beside. */
const perCycle = 8 / 1.06;
/** Bytes in a cycle from memory. */
const bytesPerCycle = 8;
/** Weights are transformed or packed, in cycles for each element of the result. */
const weightCycles = 0.5;
/** Tiles that are multiplied by a panel of eight outputs at a time, and what a call costs. */
const [tilesPerCall, callCycles] = [6, 25];

interface Costs {
  readonly matrices: WinogradMatrices;
  /** Cycles to transform four channels of a tile, four outputs of one back, and to find its pixels. */
  readonly input: number;
  readonly output: number;
  readonly pixels: number;
}

const costs4x4: Costs = { matrices: f4x3, input: 120, output: 95, pixels: 250 };
const costs2x2: Costs = { matrices: f2x3, input: 45, output: 32, pixels: 120 };
const algorithms: readonly Costs[] = [costs4x4, costs2x2];

/** The same of the weight gradient: the transform of dy, and of the sums of a channel and four outputs back. */
const gradientCosts = { input: 120, output: 80, pixels: 350, sums: 150, products: 1.25 };

/** A gradient is left to the direct product unless it gains so much: its memory is harder to foresee. */
const gradientMargin = 0.95;

/** The shape of a convolution as Winograd's algorithm sees it: from `channels` to `outputs`. */
export interface WinogradShape {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  /** Places of the result. */
  readonly places: readonly number[];
}

export function tilesOf(shape: WinogradShape, matrices: WinogradMatrices): number {
  return shape.places.reduce((tiles, size) => tiles * Math.ceil(size / matrices.outputs), shape.batch);
}

/** Channels and outputs as the kernels pad them. */
function padded({ channels, outputs }: WinogradShape): readonly [deep: number, wide: number] {
  const columns = tileColumns(winogradTile(plainTile, outputs));
  return [Math.ceil(channels / 4) * 4, Math.ceil(outputs / columns) * columns];
}

/** How many times as long a sum takes in a tile of three by three: fewer of them share what is loaded. */
const narrowCost = 1.05;

/** The tile for so many outputs: one of twelve columns where more of eight would be multiplied for nothing. */
export function winogradTile(tile: Tile, outputs: number): Tile {
  const narrow: Tile = { ...tile, rows: 3, vectors: 3 };
  const columns = (of: Tile): number => Math.ceil(outputs / tileColumns(of)) * tileColumns(of);
  return columns(narrow) * narrowCost < columns(tile) ? narrow : tile;
}

function winogradCost(shape: WinogradShape, { matrices, input, output, pixels }: Costs): number {
  const tiles = tilesOf(shape, matrices);
  const [deep, wide] = padded(shape);
  const planes = matrices.products ** 2;
  const weights = planes * deep * wide;
  const calls = planes * Math.ceil(tiles / tilesPerCall) * (wide / 8);
  return (
    (weights * tiles) / perCycle +
    calls * callCycles +
    tiles * ((deep / 4) * input + (wide / 4) * output + pixels) +
    weights * weightCycles +
    (36 * deep * wide) / bytesPerCycle
  );
}

function directCost(shape: WinogradShape): number {
  const places = shape.places.reduce((product, size) => product * size, shape.batch);
  const weights = 9 * shape.channels * Math.ceil(shape.outputs / 8) * 8;
  return (weights * places) / perCycle + weights * weightCycles + (weights * 4) / bytesPerCycle;
}

/** Cycles of a convolution, or of its gradient by the input, on tiles of these matrices. */
export function winogradCycles(shape: WinogradShape, matrices: WinogradMatrices): number {
  return winogradCost(shape, matrices === f2x3 ? costs2x2 : costs4x4);
}

/** The fastest of Winograd's algorithms, or undefined where a direct product is faster. */
export function chooseWinograd(shape: WinogradShape): WinogradMatrices | undefined {
  const [best] = algorithms
    .map((costs) => ({ matrices: costs.matrices, cost: winogradCost(shape, costs) }))
    .toSorted((a, b) => a.cost - b.cost);
  return best && best.cost < directCost(shape) ? best.matrices : undefined;
}

/** Cycles of the gradient by the weight. */
export function winogradWeightCycles(shape: WinogradShape): number {
  const { input, output, pixels, sums, products } = gradientCosts;
  const tiles = tilesOf(shape, f4x3);
  const [deep, wide] = padded(shape);
  return (
    (36 * deep * wide * tiles * products) / 8 +
    tiles * ((deep / 4) * input + (wide / 4) * output + pixels) +
    ((deep * wide) / 4) * sums
  );
}

/** Whether the gradient by the weight is faster so than as a direct product. */
export function winogradWeightPays(shape: WinogradShape): boolean {
  return winogradWeightCycles(shape) < gradientMargin * directCost(shape);
}
