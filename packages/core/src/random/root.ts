// The root seed. One for the whole program, also where two copies of this module are loaded: it lives under a versioned global symbol.
import { AttributeError, FormatError } from "../errors.ts";
import { checkSeed } from "./key.ts";

const place: symbol = Symbol.for("stria.random.v1");

/** The seed while `setSeed` has not been called: programs are repeatable unless they ask to differ. */
const defaultSeed = 0;

/**
 * Sets the root seed from which every stream derives by name: initialisation, shuffling, augmentation, dropout.
 * @param seed an integer from 0 to 2^53 - 1
 * @throws AttributeError when it is not
 */
export function setSeed(seed: number): void {
  checkSeed(seed);
  Reflect.set(globalThis, place, { seed, draws: 0, unnamed: 0 });
}

/** Where the random streams stand: the root seed, and the draws outside of steps since it was set. All other streams derive from the seed by name. */
export interface RandomState {
  readonly seed: number;
  readonly draws: number;
}

/** Where the random streams stand, for a checkpoint or to come back to. */
export function randomState(): RandomState {
  const seed = rootSeed();
  return { seed, draws: countOf("draws") };
}

/** What is counted under a name since the seed was set. */
function countOf(name: "draws" | "unnamed"): number {
  const state: unknown = Reflect.get(globalThis, place);
  const count: unknown = typeof state === "object" && state !== null ? Reflect.get(state, name) : 0;
  return typeof count === "number" ? count : 0;
}

/** Sets the random streams to where they stood. @throws AttributeError when seed or draws are no whole numbers from 0 to 2^53 - 1. */
export function setRandomState({ seed, draws }: RandomState): void {
  checkSeed(seed);
  if (!Number.isSafeInteger(draws) || draws < 0)
    throw new AttributeError("setRandomState", `draws is ${draws}`, "pass what randomState gave");
  Reflect.set(globalThis, place, { seed, draws, unnamed: countOf("unnamed") });
}

/** @internal The number of this draw outside of steps: each takes the next number as its step. */
export function nextDraw(): number {
  const { seed, draws } = randomState();
  Reflect.set(globalThis, place, { seed, draws: draws + 1, unnamed: countOf("unnamed") });
  return draws;
}

/** @internal The number of this cell among those that were read before a walk named them, since the seed was set. */
export function nextUnnamed(): number {
  const unnamed = countOf("unnamed");
  Reflect.set(globalThis, place, { ...randomState(), unnamed: unnamed + 1 });
  return unnamed;
}

/** The root seed: what `setSeed` was last given, 0 before. */
export function rootSeed(): number {
  const state: unknown = Reflect.get(globalThis, place);
  if (state === undefined) return defaultSeed;
  if (typeof state === "object" && state !== null && "seed" in state && typeof state.seed === "number")
    return state.seed;
  throw new FormatError(
    "random",
    'the global state under Symbol.for("stria.random.v1") is not what this version keeps there',
    "install one version of @stria/core",
  );
}
