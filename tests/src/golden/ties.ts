// ReLUs and maxima whose inputs all but tie. One that falls on the other side than in the golden leaves outputs as they are, and moves gradients by percents
// though all is right. Whether that is the reason for a miss is tried: the same pass on an input that is off by a part in a million falls on either side
// of a tie, and meets the golden whole when it falls on the golden's. No tolerance is wider for it, and a gradient that is wrong stays wrong.
import { Judge } from "./judge.ts";
import type { Pass, Passes } from "./model-passes.ts";

/** What misses of one pass. */
export class PassVerdict {
  /** Loss, outputs, running statistics: ties do not move them. */
  readonly values: Judge = new Judge();
  readonly gradients: Judge = new Judge();
  /** Norms of gradients that are off by more than ties explain. */
  readonly coarse: Judge = new Judge();

  get misses(): readonly string[] {
    return [...this.values.misses, ...this.gradients.misses];
  }

  /** Whether a tie may be the reason for what misses. */
  get mayBeTie(): boolean {
    return this.values.misses.length === 0 && this.coarse.misses.length === 0;
  }
}

/** Of several ties at once, few passes are on the golden's side of all. */
const tries = 24;

/** Judges passes until one meets the golden. */
export async function judgeThroughTies(
  judge: Judge,
  part: string,
  passes: Passes,
  verdictOn: (pass: Pass) => Promise<PassVerdict>,
): Promise<void> {
  const first = await verdictOn(await passes.run(0));
  if (first.misses.length === 0) return;
  if (first.mayBeTie && passes.isContinuous) {
    for (let number = 1; number <= tries; number++) {
      const { misses } = await verdictOn(await passes.run(number));
      if (misses.length > 0) continue;
      judge.notes.push(
        `${part}: ${first.misses.length} figures of gradients miss by a tie; disturbed by 1e-6 (${number}), the pass agrees`,
      );
      return;
    }
    judge.ties += first.misses.length;
  }
  judge.misses.push(...first.misses);
}
