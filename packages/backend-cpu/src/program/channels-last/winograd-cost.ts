// What a convolution costs by each algorithm, in cycles of a processor with two 128-bit multiply-add units: a fixed rule, so that the choice does not
// depend on timing. The constants are fits to measurements (Zen 5, Node 24).
import { f2x3, f4x3, type WinogradMatrices } from "../../kernels/channels-last/winograd-matrices.ts";
import type { ConvolutionGeometry } from "../convolution.ts";

export type WinogradPass = "forward" | "input gradient" | "weight gradient";

/** Multiply-adds in a cycle. */
const perCycle = 8;
/** Bytes of weights in a cycle from beyond the second-level cache. */
const bytesPerCycle = 4;

interface Costs {
  readonly matrices: WinogradMatrices;
  /** Cycles to transform four channels of a tile, and four outputs of one back. */
  readonly input: number;
  readonly output: number;
}

const algorithms: readonly Costs[] = [
  { matrices: f4x3, input: 150, output: 110 },
  { matrices: f2x3, input: 55, output: 35 },
];

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

function winogradCost(shape: WinogradShape, { matrices, input, output }: Costs): number {
  const tiles = tilesOf(shape, matrices);
  const [deep, wide] = [Math.ceil(shape.channels / 4) * 4, Math.ceil(shape.outputs / 8) * 8];
  const weights = matrices.products ** 2 * deep * wide;
  const products = Math.max((weights * tiles) / perCycle, (weights * 4) / bytesPerCycle);
  return products + tiles * ((deep / 4) * input + (wide / 4) * output) + weights / 4;
}

function directCost(shape: WinogradShape): number {
  const places = shape.places.reduce((product, size) => product * size, shape.batch);
  const weights = 9 * shape.channels * Math.ceil(shape.outputs / 8) * 8;
  return Math.max((weights * places) / perCycle, (weights * 4) / bytesPerCycle) * 1.05;
}

/** The fastest of Winograd's algorithms, or undefined where a direct product is faster. */
export function chooseWinograd(shape: WinogradShape): WinogradMatrices | undefined {
  const [best] = algorithms
    .map((costs) => ({ matrices: costs.matrices, cost: winogradCost(shape, costs) }))
    .toSorted((a, b) => a.cost - b.cost);
  return best && best.cost < directCost(shape) ? best.matrices : undefined;
}

/** Whether the gradient by the weight is faster so than as a direct product. */
export function winogradWeightPays(shape: WinogradShape): boolean {
  const tiles = tilesOf(shape, f4x3);
  const { channels, outputs } = shape;
  const products = (36 * Math.ceil(channels / 4) * 4 * Math.ceil(outputs / 8) * 8 * tiles) / perCycle;
  const transforms = tiles * ((channels / 4) * 150 + (outputs / 4) * 110) + ((channels * outputs) / 4) * 150;
  return products + transforms < directCost(shape);
}

/** Whether Winograd's algorithm can compute a convolution at all. */
export function isWinogradShape(g: ConvolutionGeometry): boolean {
  const all = (values: readonly number[], wanted: number): boolean => values.every((value) => value === wanted);
  const empty = [g.batch, g.channels, g.outputs, ...g.input, ...g.places].includes(0);
  return !empty && g.input.length === 2 && g.groups === 1 && all(g.kernel, 3) && all(g.stride, 1) && all(g.dilation, 1);
}
