// How the micro-kernel of the matrix product is built. Which choice is fastest depends on the engine: what it can do tells which it is, and it is measured
// on request (tune.ts).
import type { EngineFeatures } from "../engine.ts";

export interface Tile {
  /** Rows of the tile. */
  readonly rows: number;
  /** Columns of the tile, in vectors of four. */
  readonly vectors: number;
  /** Steps along K in one turn of the loop. */
  readonly unroll: number;
  /** How an element of A gets into all lanes: loaded there, or four loaded and spread. */
  readonly broadcast: "load" | "shuffle";
  /** Multiply and add with one rounding. */
  readonly fused: boolean;
}

/** What runs well everywhere without relaxed SIMD; deterministic mode uses it untimed. */
export const plainTile: Tile = { rows: 4, vectors: 2, unroll: 1, broadcast: "load", fused: false };

/** Twelve sums, two vectors and one element: all 15 registers of x64 that V8 and SpiderMonkey give away. */
const fullTile: Tile = { rows: 6, vectors: 2, unroll: 4, broadcast: "load", fused: true };

/**
 * The tile for an engine, untimed. Before V8 13, whose mark are memories with 64-bit addresses, V8 moved all loads of a block to its front, and so had to
 * spill registers with longer blocks or larger tiles: a third of the speed.
 */
export function tileOf({ relaxedMultiplyAdd, memory64 }: EngineFeatures): Tile {
  if (!relaxedMultiplyAdd) return plainTile;
  return memory64 ? fullTile : { ...plainTile, fused: true };
}

export function tileColumns(tile: Tile): number {
  return tile.vectors * 4;
}
