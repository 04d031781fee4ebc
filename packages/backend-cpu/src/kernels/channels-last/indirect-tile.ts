// The tiles of the channels-last products: pixels by output channels. Which one wastes least depends on how many outputs there are.
import type { Tile } from "../tile.ts";

export interface IndirectTile {
  /** Pixels of the tile. */
  readonly rows: number;
  /** Output channels of the tile, in vectors of four. */
  readonly vectors: number;
  /** Channels of the input in one turn of the inner loop. */
  readonly unroll: number;
  /** Multiply and add with one rounding. */
  readonly fused: boolean;
}

/** Output channels of a tile. */
export function panelWidth(tile: IndirectTile): number {
  return tile.vectors * 4;
}

/** Rows that pointers are kept for: rows are found four by four, starting at any row of the tile. */
export function pointerSlots(tile: IndirectTile): number {
  return tile.rows + 3;
}

/** Time of a multiply-add in tiles of 1 and 3 vectors, relative to the tile that was chosen for products: they load more for each of them. */
const narrowCost = 1.25;
const wideCost = 1.12;

/** The tile for so many output channels: the least work, columns that are computed in vain included. */
export function indirectTile({ rows, vectors, unroll, fused }: Tile, outputs: number): IndirectTile {
  const main = { rows, vectors, unroll, fused };
  const choices = [
    { tile: main, cost: 1 },
    { tile: { rows: fused ? 3 : 2, vectors: 3, unroll, fused }, cost: wideCost },
    { tile: { rows: fused ? 8 : 6, vectors: 1, unroll, fused }, cost: narrowCost },
  ].map(({ tile, cost }) => ({ tile, cost: Math.ceil(outputs / panelWidth(tile)) * panelWidth(tile) * cost }));
  return choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best)).tile;
}
