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
  readonly p10: number;
  readonly p90: number;
}

export interface Result {
  readonly name: string;
  readonly wall: Figures;
  readonly processor: Figures;
  readonly rounds: number;
}

export interface ContestOptions {
  /** Rounds at most. Default 15. */
  readonly rounds?: number | undefined;
  /** Milliseconds after which no further round starts, once there are three. Default 20 s. */
  readonly budget?: number;
}

export interface Contest {
  readonly results: readonly Result[];
  /** One core's GFLOP/s on registers alone, the better loop, by processor time. */
  readonly peak: number;
  /** All loops by name, GFLOP/s. */
  readonly peaks: Readonly<Record<string, number>>;
}

/** Milliseconds that a sample takes at least: what is shorter is repeated. */
const sampleTime = 8;
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

/** Median and spread. */
export function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p10: quantile(sorted, 0.1), p90: quantile(sorted, 0.9) };
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

/** Runs everybody in turn, again and again. */
export async function contest(
  entrants: readonly Entrant[],
  { rounds = 15, budget = 20_000 }: ContestOptions = {},
): Promise<Contest> {
  const loops: Entrant[] = registerPeaks(peakOperations).map(({ name, run }) => ({
    name,
    run: (times) => {
      for (let time = 0; time < times; time++) run();
    },
  }));
  const all = [...loops, ...entrants].map((entrant) => ({
    entrant,
    samples: [] as Sample[],
    repeats: 1,
  }));
  for (const one of all) {
    const begin = performance.now();
    for (let turn = 0; turn < warmUp.most; turn++) {
      if (turn >= warmUp.least && performance.now() - begin > warmUp.milliseconds) break;
      const { wall } = await timed(one.entrant, one.repeats);
      await sleep(1);
      one.repeats = Math.max(1, Math.ceil(sampleTime / wall));
      if (wall * warmUp.least > budget / 10) break;
    }
  }
  const start = performance.now();
  for (let round = 0; round < rounds && (round < leastRounds || performance.now() - start < budget); round++)
    for (const { entrant, samples, repeats } of all) samples.push(await timed(entrant, repeats));
  const results = all.map(({ entrant, samples }) => ({
    name: entrant.name,
    wall: figuresOf(samples.map((sample) => sample.wall)),
    processor: figuresOf(samples.map((sample) => sample.processor)),
    rounds: samples.length,
  }));
  const peaks = Object.fromEntries(
    results
      .slice(0, loops.length)
      .map(({ name, processor }) => [name, peakOperations / processor.median / 1e6] as const),
  );
  return { results: results.slice(loops.length), peaks, peak: Math.max(...Object.values(peaks)) };
}
