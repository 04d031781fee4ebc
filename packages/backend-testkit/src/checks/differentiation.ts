// First and second gradients, as programs that core traces, against the reference's.
import { type Tensor, at } from "@stria/core";
import type { Tolerance } from "../cases/case.ts";
import type { Check, Subject } from "../check.ts";
import { difference } from "../compare.ts";
import { runGraph } from "../graphs.ts";
import { Random } from "../random.ts";
import { traced } from "../trace.ts";
import { byFloats, type Sample, samples } from "./samples.ts";

/** Sums of products of sums, in float32 and in any order. */
const tolerance: Tolerance = { relative: 3e-4, ofLargest: 3e-5 };

/** The gradients of the sum of squares of the result: of something that is not linear in it. */
function gradients(f: Sample["f"], inputs: readonly Tensor[]): readonly Tensor[] {
  return byFloats(
    (list) =>
      f(...list)
        .square()
        .sum(),
    inputs,
  );
}

function secondGradients(f: Sample["f"], inputs: readonly Tensor[]): readonly Tensor[] {
  return byFloats(
    (list) =>
      gradients(f, list)
        .map((gradient) => gradient.square().sum())
        .reduce((sum, part) => sum.add(part)),
    inputs,
  );
}

async function compare(
  { backend, oracle, seed, slack }: Subject,
  name: string,
  make: (random: Random) => Sample,
  of: typeof gradients,
): Promise<string[]> {
  const faults: string[] = [];
  for (let round = 0; round < 3; round++) {
    const { f, inputs } = make(new Random(seed * 31 + round * 977 + name.length));
    const program = await traced(oracle, (...list: Tensor[]) => [...of(f, list)], inputs);
    const [wanted, found] = [
      await runGraph(oracle, program.graph, program.inputs),
      await runGraph(backend, program.graph, program.inputs),
    ];
    for (const [index, gradient] of wanted.entries()) {
      const words = difference(at(found, index), gradient, tolerance, slack);
      if (words !== undefined) faults.push(`gradient ${index} of ${name}, sample ${round}: ${words}`);
    }
  }
  return faults;
}

export const differentiationChecks: readonly Check[] = Object.entries(samples).flatMap(([name, make]) => [
  { group: "gradient", name, run: (subject) => compare(subject, name, make, gradients) },
  { group: "second gradient", name, run: (subject) => compare(subject, name, make, secondGradients) },
]);
