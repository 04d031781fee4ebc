// Which of several runs is the fastest, by a clock.
import { at } from "@stria/core";

/** Engines start with simple code and put better code in place between turns of the event loop: measuring goes on until nothing has got faster for a while. */
const [leastRounds, mostRounds] = [4, 40];
const [quietTime, longestTime] = [30, 400];
/** What gets slower than so many times the fastest is measured no further, after the first rounds. */
const hopeless = 2;
/** By so much another has to be faster than the first, which a rule has chosen: less may be chance. */
const clearly = 0.97;

/** The position of the fastest; the first is preferred. A run that throws is out. @throws what the last one threw, where all have. */
export async function fastest(runs: readonly (() => Promise<void>)[], now: () => number): Promise<number> {
  const best = runs.map(() => Infinity);
  const isOut = runs.map(() => false);
  let failure: unknown;
  const start = now();
  let lastGain = start;
  for (let round = 0; round < mostRounds; round++) {
    for (const [index, run] of runs.entries()) {
      if (isOut[index]) continue;
      const begin = now();
      try {
        await run();
      } catch (error) {
        failure = error;
        isOut[index] = true;
        best[index] = Infinity;
        continue;
      }
      const time = now() - begin;
      if (time < 0.95 * at(best, index)) lastGain = now();
      best[index] = Math.min(at(best, index), time);
    }
    if (isOut.every(Boolean)) throw failure;
    const lowest = Math.min(...best);
    if (round >= 1) for (const [index, time] of best.entries()) if (time > hopeless * lowest) isOut[index] = true;
    const time = now();
    if (isOut.filter((out) => !out).length === 1) break;
    if (round + 1 >= leastRounds && (time - lastGain > quietTime || time - start > longestTime)) break;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  let choice = 0;
  for (const [index, time] of best.entries())
    if (time < (choice === 0 ? clearly : 1) * at(best, choice)) choice = index;
  return choice;
}
