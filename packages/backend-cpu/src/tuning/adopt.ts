// Takes in what was measured in another process.
import { BackendError } from "@stria/core";
import { engineFeatures } from "../engine.ts";
import type { Tile } from "../kernels/tile.ts";
import { type Algorithm, algorithmNames } from "../program/channels-last/algorithms.ts";
import { candidates, measureTile } from "../tune.ts";
import { answers, type Tunings } from "./answers.ts";

function isAlgorithm(value: unknown): value is Algorithm {
  return algorithmNames.some((name) => name === value);
}

function refuse(what: string): never {
  throw new BackendError("backend-cpu", `tune has ${what}`, "give it what tunings() returned, or true");
}

/** @throws BackendError where it is nothing of that kind; nothing is taken in then. */
export function adopt({ algorithms, tile }: Tunings): void {
  const told: unknown = algorithms; // it may come from a file
  if (typeof told !== "object" || told === null) refuse("no algorithms");
  const entries: [string, unknown][] = Object.entries(told);
  const known = entries.map(([key, algorithm]): [string, Algorithm] =>
    isAlgorithm(algorithm) ? [key, algorithm] : refuse(`${JSON.stringify(algorithm)} for "${key}"`),
  );
  const wanted = tile && JSON.stringify(tile);
  const same = candidates(true).find((one) => wanted === JSON.stringify({ ...tile, ...one }));
  if (wanted && !same) refuse(`the tile ${wanted}`);
  for (const [key, algorithm] of known) answers.algorithms.set(key, algorithm);
  answers.tile = same ?? answers.tile;
}

/** The tile to multiply with: a known one that this engine can run, or else what is measured now, in a worker where the calling thread is to stay free. */
export async function tunedTile(elsewhere: boolean): Promise<Tile> {
  const { tile } = answers;
  if (tile && (!tile.fused || engineFeatures().relaxedMultiplyAdd)) return tile;
  answers.tile = await measureTile(elsewhere);
  return answers.tile;
}
