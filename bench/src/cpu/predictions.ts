// Networks in evaluation mode as cases, batch norm by its running statistics. Peers get it folded into the convolutions, as their converters do.
import type { Measured } from "./case.ts";
import { meet } from "./meeting.ts";
import type { PartOptions } from "./options.ts";
import type { Prediction } from "./stria-prediction.ts";

/** How far apart answers may be, as a share of the largest: sums in other orders, and Winograd's rounding. */
const tolerance = 2e-3;

/** Compares the first numbers of results. @throws Error where they are others. */
export function compareValues(found: readonly number[], ours: readonly number[]): void {
  const largest = Math.max(...ours.map(Math.abs));
  const apart = Math.max(...ours.map((value, index) => Math.abs((found[index] ?? Number.NaN) - value))) / largest;
  if (!(apart <= tolerance))
    throw new Error(`it answers otherwise, by ${apart}: ${found.join(", ")} instead of ${ours.join(", ")}`);
}

/** One of them on everybody. */
export function measurePrediction({ name, torch }: Prediction, options: PartOptions): Promise<Measured> {
  return meet(
    {
      name,
      kind: "predict",
      answer: "values",
      compare: compareValues,
      torch,
      budget: 20_000,
      web: true,
      ceilings: false,
    },
    options,
  );
}
