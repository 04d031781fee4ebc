// Gradients against what they are the limit of: a backend's own gradient, and how its own values change along a line.
import { type Tensor, at } from "@stria/core";
import type { Check, Subject } from "../check.ts";
import { runGraph } from "../graphs.ts";
import { type Operand, Random } from "../random.ts";
import { traced } from "../trace.ts";
import { byFloats, type Sample, samples } from "./samples.ts";

/** Half the length of the line: a difference of float32 sums loses four digits over it, and its third derivative is small. */
const reach = 2 ** -6;
/** Of the slope. */
const tolerance = 0.01;

const loss = (f: Sample["f"], inputs: readonly Tensor[]): Tensor =>
  f(...inputs)
    .square()
    .sum();

async function faultsOf(
  { backend, oracle, seed, slack }: Subject,
  name: string,
  make: (random: Random) => Sample,
): Promise<string[]> {
  const random = new Random(seed * 53 + name.length);
  const { f, inputs } = make(random);
  const slopes = await traced(oracle, (...list: Tensor[]) => [...byFloats((given) => loss(f, given), list)], inputs);
  const found = await runGraph(backend, slopes.graph, slopes.inputs);
  const gradients = inputs.map(({ dtype, data }) => (dtype === "float32" ? (found.shift() ?? data) : data));
  // Mostly uphill: what every element adds has one sign, and no fault of one hides in the sum of all.
  const directions = inputs.map(({ data, dtype }, index) =>
    Array.from(data, (_, k) =>
      dtype === "float32" ? (at(at(gradients, index), k) < 0 ? -1 : 1) * random.pick([0.5, 1]) : 0,
    ),
  );
  let slope = 0;
  for (const [index, direction] of directions.entries())
    for (const [k, d] of direction.entries()) if (d !== 0) slope += d * at(at(gradients, index), k);
  const valueAt = async (step: number): Promise<number> => {
    const moved = inputs.map((input, index): Operand => {
      const direction = at(directions, index);
      return { ...input, data: input.data.map((x: number, k: number) => x + step * at(direction, k)) };
    });
    const program = await traced(oracle, (...list: Tensor[]) => loss(f, list), moved);
    return at(at(await runGraph(backend, program.graph, program.inputs), 0), 0);
  };
  const change = ((await valueAt(reach)) - (await valueAt(-reach))) / (2 * reach);
  if (Math.abs(change - slope) <= tolerance * slack * Math.abs(slope)) return [];
  return [`along a line the values of ${name} change by ${change} a unit, and its gradient says ${slope}`];
}

export const finiteDifferenceChecks: readonly Check[] = Object.entries(samples).map(([name, make]) => ({
  group: "finite differences",
  name,
  run: (subject) => faultsOf(subject, name, make),
}));
