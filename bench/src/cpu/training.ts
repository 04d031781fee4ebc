// Training steps: forward, backward and SGD with momentum, softmax cross-entropy, on one thread and on more, beside PyTorch from the same weights.
import type { Case } from "./case.ts";
import { meet } from "./meeting.ts";
import type { PartOptions } from "./options.ts";
import { rest } from "./company.ts";
import { trainingNets } from "./training-nets.ts";

/** How far apart losses may be, as a share. */
const tolerance = 2e-3;

/** Milliseconds of steps in a row, as a loop makes them: threads that have slept are on one core for some of them before the system divides them. */
const loopTime = 200;

/** All start from the same weights, so they have the same losses. */
function compareLosses(found: readonly number[], ours: readonly number[]): void {
  const apart = Math.max(...ours.map((loss, index) => Math.abs((found[index] ?? Number.NaN) / loss - 1)));
  if (!(apart <= tolerance))
    throw new Error(`its losses are others, by ${apart}: ${found.join(", ")} instead of ${ours.join(", ")}`);
}

/** The six steps. */
export function casesOf(options: PartOptions): Case[] {
  return trainingNets.map(({ name }) => ({
    name,
    async measure() {
      const measured = await meet(
        {
          name,
          kind: "train",
          answer: "losses",
          compare: compareLosses,
          torch: { do: "train" },
          budget: 30_000,
          sample: loopTime,
          web: false,
          ceilings: true,
        },
        options,
      );
      await rest(options.company, false);
      return measured;
    },
  }));
}
