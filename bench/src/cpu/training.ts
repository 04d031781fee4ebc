// Training steps: forward, backward and SGD with momentum, softmax cross-entropy, on one thread and on more, beside PyTorch from the same weights.
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import type { Backend } from "@stria/core";
import { summary } from "@stria/layers";
import type { Row } from "../row.ts";
import type { Child } from "./child.ts";
import { type Entrant, contest } from "./contest.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { meansOf, peakLine, type Ratio, rowsOf } from "./rows.ts";
import { striaStep, writeStart } from "./stria-step.ts";
import { type TrainingNet, trainingNets } from "./training-nets.ts";

/** Steps whose losses are compared. */
const comparedSteps = 3;

/** Prints the losses of the first steps of everybody; they start from the same weights. */
async function compareLosses(
  net: TrainingNet,
  stria: readonly number[],
  torches: readonly Child[],
  file: string,
): Promise<void> {
  console.log(`${net.name}: losses ${stria.map((loss) => loss.toFixed(4)).join(", ")}`);
  for (const torch of torches) {
    const { losses } = await torch.ask({ do: "train", net: net.name, file });
    if (!Array.isArray(losses)) throw new TypeError(`${torch.name} told no losses`);
    console.log(`  ${torch.name}: ${losses.map((loss) => Number(loss).toFixed(4)).join(", ")}`);
    const apart = Math.max(...losses.map((loss, index) => Math.abs(Number(loss) / (stria[index] ?? Number.NaN) - 1)));
    if (!(apart <= 2e-3)) throw new Error(`${net.name}: the losses of ${torch.name} are others by ${apart}`);
  }
}

async function measureNet(net: TrainingNet, options: PartOptions, folder: string): Promise<Row[]> {
  const { threads, torches, rounds } = options;
  const file = join(folder, `${net.name}.safetensors`);
  const backends: Backend[] = [];
  const entrants: Entrant[] = [];
  let operations = 0;
  for (const count of threads) {
    const { backend, model, step } = await striaStep(net, cpu({ threads: count }));
    backends.push(backend);
    if (entrants.length === 0) {
      operations = 6 * summary(model, net.input.slice(1)).multiplyAdds * net.input[0];
      if (torches.length > 0) await writeStart(net, model, file);
    }
    const losses: number[] = [];
    for (let turn = 0; turn < comparedSteps; turn++) losses.push((await step()).loss);
    if (entrants.length === 0) await compareLosses(net, losses, torches, file);
    const run = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await step();
    };
    entrants.push({ name: `stria, ${count} thread${count === 1 ? "" : "s"}`, run });
  }
  for (const count of threads) for (const torch of torches) entrants.push(torch.entrant(net.name, count));
  const result = await contest(entrants, { rounds, budget: 30_000 });
  console.log(`  ${peakLine(result)}`);
  const ratios = threads.flatMap((count): Ratio[] => {
    const of = `stria, ${count} thread${count === 1 ? "" : "s"}`;
    return [
      ...torches.map((torch) => ({ of, to: torch.entrant(net.name, count).name, name: `times ${torch.name}` })),
      ...(count > 1 ? [{ of, to: "stria, 1 thread", name: "times 1 thread" }] : []),
    ];
  });
  for (const backend of backends) backend.dispose();
  return rowsOf(net.name, result, operations, ratios);
}

/** The six steps, or those that the filter leaves. */
export async function measure(options: PartOptions): Promise<Row[]> {
  const rows = await inTemporaryFolder(async (folder) => {
    const made: Row[] = [];
    for (const net of trainingNets)
      if (net.name.includes(options.filter)) made.push(...(await measureNet(net, options, folder)));
    return made;
  });
  return [...rows, ...meansOf("training", rows)];
}
