// What was measured in this process, to be kept and given back.
import type { Tile } from "../kernels/tile.ts";
import type { Algorithm } from "../program/channels-last/algorithms.ts";

/** What was measured: plain data, as JSON keeps it, worth something on the machine where it was measured. */
export interface Tunings {
  /** The tile of matrix products, where it was measured. */
  readonly tile?: Tile;
  /** Algorithms by what they were measured for. */
  readonly algorithms: Readonly<Record<string, Algorithm>>;
}

/** The answers so far. */
export const answers: { tile: Tile | undefined; readonly algorithms: Map<string, Algorithm> } = {
  tile: undefined,
  algorithms: new Map(),
};

/** What `cpu({ tune: true })` has measured in this process so far. `cpu({ tune: tunings })` takes it in another one, and measures what is missing. */
export function tunings(): Tunings {
  const { tile, algorithms } = answers;
  return { ...(tile && { tile: { ...tile } }), algorithms: Object.fromEntries(algorithms) };
}
