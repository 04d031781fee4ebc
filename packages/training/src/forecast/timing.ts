// How long a batch takes, from runs of it, or of smaller ones where it would take too long.
import { at } from "@stria/core";

export interface TimedBatch {
  readonly secondsPerStep: number;
  /** For one shape of a batch. */
  readonly secondsToCompile: number;
  /** Examples of the largest batch that was timed: the whole one where there was time for it; else the rest is extrapolated. */
  readonly timedBatch: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return at(sorted, Math.floor(sorted.length / 2));
}

/** Runs batches of a size: compiles for it, and makes one. */
export interface Trial {
  ready(count: number): Promise<void>;
  run(count: number): Promise<void>;
}

interface Timed {
  readonly count: number;
  readonly seconds: number;
}

/** Runs that are not timed, and at least that are. */
interface Least {
  readonly warmUps: number;
  readonly runs: number;
}

/** An engine compiles what is hot once more, so the first size gets more runs than the one after it. */
const first: Least = { warmUps: 2, runs: 3 };
const second: Least = { warmUps: 1, runs: 2 };
const mostRuns = 50;

class Stopwatch {
  readonly #trial: Trial;
  readonly #now: () => number;
  readonly #signal: AbortSignal | undefined;
  secondsToCompile = 0;

  constructor(trial: Trial, now: () => number, signal: AbortSignal | undefined) {
    this.#trial = trial;
    this.#now = now;
    this.#signal = signal;
  }

  /** Seconds of one run of `count` examples: the median of what fits into the budget. */
  async time(count: number, budget: number, least: Least): Promise<Timed> {
    const compiling = this.#now();
    await this.#trial.ready(count);
    this.secondsToCompile = this.#now() - compiling;
    for (let run = 0; run < least.warmUps; run++) await this.#once(count);
    const times: number[] = [];
    const end = this.#now() + budget;
    while (times.length < least.runs || (times.length < mostRuns && this.#now() < end))
      times.push(await this.#once(count));
    return { count, seconds: median(times) };
  }

  async #once(count: number): Promise<number> {
    this.#signal?.throwIfAborted();
    const start = this.#now();
    await this.#trial.run(count);
    return this.#now() - start;
  }
}

/** Seconds of a step of `count` examples from those of two smaller ones: a fixed part and a part for each example. */
function extrapolate(fewer: Timed, more: Timed, count: number): number {
  const perExample = (more.seconds - fewer.seconds) / (more.count - fewer.count);
  return more.seconds + Math.max(perExample, 0) * (count - more.count);
}

/** Times a batch of `size`, or smaller ones where a whole one would take too long. */
export async function timeBatch(
  trial: Trial,
  size: number,
  {
    seconds,
    signal,
    now = () => performance.now() / 1000,
  }: {
    readonly seconds: number;
    readonly signal?: AbortSignal | undefined;
    readonly now?: () => number;
  },
): Promise<TimedBatch> {
  const watch = new Stopwatch(trial, now, signal);
  const small = Math.min(size, Math.max(2, Math.ceil(size / 8)));
  const fewer = await watch.time(small, size === small ? seconds : seconds / 3, first);
  const told = (): number => watch.secondsToCompile;
  if (small === size) return { secondsPerStep: fewer.seconds, secondsToCompile: told(), timedBatch: small };
  // As much of the batch as there is time for: what no longer fits into a cache costs more by the example.
  const affordable = Math.floor(((seconds / (second.warmUps + second.runs)) * small) / fewer.seconds);
  const next = Math.min(size, Math.max(2 * small, affordable));
  const more = await watch.time(next, (seconds * 2) / 3, second);
  return { secondsPerStep: extrapolate(fewer, more, size), secondsToCompile: told(), timedBatch: next };
}
