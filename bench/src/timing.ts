// Interleaved timing: every contestant runs in turn, so that a machine that slows down slows all of them; medians are compared.

export interface Contestant {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Timing {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  readonly fastest: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs each contestant `rounds` times in turn, after `warmUp` uncounted ones. */
export async function compete(contestants: readonly Contestant[], { rounds = 9, warmUp = 3 } = {}): Promise<Timing[]> {
  const times = contestants.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++)
    for (const [index, { run }] of contestants.entries()) {
      const start = performance.now();
      await run();
      if (round >= 0) times[index]?.push(performance.now() - start);
    }
  return contestants.map(({ name }, index) => ({
    name,
    median: median(times[index] ?? []),
    fastest: Math.min(...(times[index] ?? [])),
  }));
}
