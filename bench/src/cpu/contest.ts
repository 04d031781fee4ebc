// Contestants in turn, the register peak beside them, each with the clock and the processor's time: on a machine that others use too, the clock tells
// little, and ratios of processor times travel.
import { setTimeout as sleep } from "node:timers/promises";
import { registerPeaks } from "./registers.ts";

/** Milliseconds of one run. */
export interface Sample {
  readonly wall: number;
  readonly processor: number;
}

export interface Entrant {
  readonly name: string;
  /** Runs it so many times; what runs in another process says itself what it took in all. */
  readonly run: (times: number) => Promise<Sample | void> | Sample | void;
  /** Milliseconds to wait afterwards: threads that spin after their work would disturb who comes next. */
  readonly rest?: number;
}

export interface Figures {
  readonly median: number;
  readonly shortest: number;
  /** A quarter of all is shorter. */
  readonly lower: number;
  /** A quarter of all is longer. */
  readonly upper: number;
}

export interface Result {
  readonly name: string;
  readonly wall: Figures;
  readonly processor: Figures;
  readonly rounds: number;
}

/** A contestant without figures. */
export interface Fallen {
  readonly contestant: string;
  readonly reason: string;
}

export interface ContestOptions {
  /** Rounds at most. Default 15. */
  readonly rounds?: number | undefined;
  /** Milliseconds after which no further round starts, once there are three. Default 20 s. */
  readonly budget?: number;
  /** Milliseconds that a sample takes at least: what is shorter is repeated, and so finds in the caches what it left there, not what others did. Default 16. */
  readonly sample?: number | undefined;
}

export interface Contest {
  readonly results: readonly Result[];
  /** Who fell out, and why. */
  readonly fallen: readonly Fallen[];
  /** One core's GFLOP/s on registers alone, the better loop, by processor time. */
  readonly peak: number;
  /** All loops by name, GFLOP/s. */
  readonly peaks: Readonly<Record<string, number>>;
}

/**
 * Runs before those that count: so many at least, and then for so many milliseconds, so many at most. Engines start with simple code and put better code
 * in place while it runs, between turns of the event loop.
 */
const warmUp = { least: 2, milliseconds: 400, most: 40 };
const leastRounds = 3;
const peakOperations = 2e8;

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Median and quartiles. */
export function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    shortest: quantile(sorted, 0),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
  };
}

async function timed({ run, rest = 0 }: Entrant, times: number): Promise<Sample> {
  const before = process.cpuUsage();
  const start = performance.now();
  const told = await run(times);
  const wall = performance.now() - start;
  const used = process.cpuUsage(before);
  const { wall: all, processor } = told ?? { wall, processor: (used.user + used.system) / 1000 };
  if (rest > 0) await sleep(rest);
  return { wall: all / times, processor: processor / times };
}

interface Running {
  readonly entrant: Entrant;
  readonly samples: Sample[];
  repeats: number;
  /** Why it fell out. */
  reason?: string;
}

/** The register loops, which run in this process. */
function registerLoops(): Entrant[] {
  return registerPeaks(peakOperations).map(({ name, run }) => ({
    name,
    run: (times) => {
      for (let time = 0; time < times; time++) run();
    },
  }));
}

async function warm(one: Running, budget: number, sample: number): Promise<void> {
  const begin = performance.now();
  for (let turn = 0; turn < warmUp.most; turn++) {
    if (turn >= warmUp.least && performance.now() - begin > warmUp.milliseconds) break;
    const { wall } = await timed(one.entrant, one.repeats);
    await sleep(1);
    one.repeats = Math.max(1, Math.ceil(sample / wall));
    if (wall * warmUp.least > budget / 10) break;
  }
}

/** Does something with everybody who is still in; who throws falls out. */
async function withEach(all: readonly Running[], act: (one: Running) => Promise<void>): Promise<void> {
  for (const one of all) {
    if (one.reason !== undefined) continue;
    try {
      await act(one);
    } catch (error) {
      one.reason = error instanceof Error ? error.message : String(error);
    }
  }
}

/** Runs everybody in turn, again and again. */
export async function contest(
  entrants: readonly Entrant[],
  { rounds = 15, budget = 20_000, sample = 16 }: ContestOptions = {},
): Promise<Contest> {
  const loops = registerLoops();
  const all = [...loops, ...entrants].map((entrant): Running => ({ entrant, samples: [], repeats: 1 }));
  await withEach(all, (one) => warm(one, budget, sample));
  const start = performance.now();
  for (let round = 0; round < rounds && (round < leastRounds || performance.now() - start < budget); round++)
    await withEach(all, async ({ entrant, samples, repeats }) => void samples.push(await timed(entrant, repeats)));
  const resultOf = ({ entrant, samples }: Running): Result => ({
    name: entrant.name,
    wall: figuresOf(samples.map(({ wall }) => wall)),
    processor: figuresOf(samples.map(({ processor }) => processor)),
    rounds: samples.length,
  });
  const peaks = Object.fromEntries(
    all
      .slice(0, loops.length)
      .map(resultOf)
      .map(({ name, processor }) => [name, peakOperations / processor.median / 1e6] as const),
  );
  const others = all.slice(loops.length);
  return {
    results: others.filter(({ reason }) => reason === undefined).map(resultOf),
    fallen: others.flatMap(({ entrant, reason }) =>
      reason === undefined ? [] : [{ contestant: entrant.name, reason }],
    ),
    peaks,
    peak: Math.max(...Object.values(peaks)),
  };
}
