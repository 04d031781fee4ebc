// How the products of a weight gradient are cut into tiles of registers: which operand is spread and which is loaded whole, and how wide the panels are.
import { at, sizeOf } from "@stria/core";
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";

/** Channels cut into panels: the first `wideCount` of them are `wide`, the others `narrow`. */
export interface Cut {
  readonly wide: number;
  readonly narrow: number;
  readonly wideCount: number;
  readonly count: number;
}

export interface Tiling {
  /** Whether the elements of the kernel along the last axis count as channels: worth it where there are few channels. */
  readonly merged: boolean;
  /** Whether the rows of a tile, which are spread, are the input's channels; else they are the output's. */
  readonly inputRows: boolean;
  readonly rows: Cut;
  readonly columns: Cut;
}

/** Registers that hold sums, at most, where a tile is one vector wide: one for B and one for A stay free of sixteen. */
const mostSums = 12;

/** Panels of nearly equal width. */
function balanced(length: number, most: number): Cut {
  const count = Math.ceil(length / most);
  const wide = Math.ceil(length / count);
  const wideCount = length - count * (wide - 1);
  return { wide, narrow: wideCount < count ? wide - 1 : 0, wideCount, count };
}

/** Panels of whole vectors, the last of them with what is left. */
function vectors(length: number, most: number): Cut {
  const total = Math.ceil(length / 4);
  const width = Math.min(most, total);
  const rest = total % width;
  const wideCount = Math.floor(total / width);
  return { wide: width * 4, narrow: rest * 4, wideCount, count: wideCount + (rest > 0 ? 1 : 0) };
}

/** Rough processor cycles of a pixel in one tile: two sums or loads start at a time, five instructions of any kind, and a sum waits four for the last. */
function tileCost(rows: number, columns: number, fused: boolean): number {
  const [sums, loads] = [(rows * columns) / 4, rows + columns / 4];
  const instructions = loads + sums * (fused ? 1 : 2) + 4;
  return Math.max(4, sums / 2, loads / 2, instructions / 5) + 0.5;
}

/** Cycles in which a pixel is copied into one panel. */
const packingCost = 3;

function cutCost(rows: Cut, columns: Cut, fused: boolean): number {
  const parts = ({ wide, narrow, wideCount, count }: Cut): [number, number][] => [
    [wide, wideCount],
    [narrow, count - wideCount],
  ];
  let cost = 0;
  for (const [height, down] of parts(rows))
    for (const [width, across] of parts(columns))
      if (down * across > 0) cost += down * across * tileCost(height, width, fused);
  return cost;
}

/** A merged kernel multiplies with padding too, and is packed float by float: it has to be clearly better. */
const mergedAdvantage = 0.9;

/** The cheapest way, by rough cycles for each pixel. */
export function chooseTiling(g: ConvolutionGeometry, tile: Tile): Tiling {
  const last = g.kernel.length - 1;
  const along = at(g.kernel, last);
  const outputs = g.outputs / g.groups;
  const outerTaps = sizeOf(g.kernel.slice(0, -1));
  let best: { tiling: Tiling; cost: number } | undefined;
  for (const merged of along > 1 && at(g.dilation, last) === 1 ? [false, true] : [false]) {
    const channels = (g.channels / g.groups) * (merged ? along : 1);
    const taps = outerTaps * (merged ? 1 : along) * (merged ? 1 / mergedAdvantage : 1);
    for (const inputRows of [true, false])
      for (let width = 1; width <= tile.vectors; width++) {
        const height = width === 1 ? Math.min(mostSums, tile.rows * tile.vectors) : tile.rows;
        const rows = balanced(inputRows ? channels : outputs, height);
        const columns = vectors(inputRows ? outputs : channels, width);
        const cost = taps * cutCost(rows, columns, tile.fused) + packingCost * (rows.count + columns.count);
        if (!best || cost < best.cost) best = { tiling: { merged, inputRows, rows, columns }, cost };
      }
  }
  if (!best) throw new Error("there is no tile");
  return best.tiling;
}
