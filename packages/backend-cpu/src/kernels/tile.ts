// How the micro-kernel of the matrix product is built. Which choice is fastest depends on the engine, so it is measured (tune.ts).

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

export function tileColumns(tile: Tile): number {
  return tile.vectors * 4;
}
