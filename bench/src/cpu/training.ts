// Training steps: forward, backward and SGD with momentum, softmax cross-entropy, on one thread and on more, beside PyTorch from the same weights.
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import type { Backend } from "@stria/core";
import { summary } from "@stria/layers";
import type { Row } from "../row.ts";
import type { Child, Reply } from "./child.ts";
import { type Entrant, contest } from "./contest.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { beside, meansOf, onThreads, peakLine, rowsOf } from "./rows.ts";
import { comparedSteps, striaStep, writeStart } from "./stria-step.ts";
import { type TrainingNet, trainingNets } from "./training-nets.ts";

/** Has a contestant make the first steps, and compares its losses with ours: all start from the same weights. */
async function compareLosses(net: string, wanted: readonly number[], child: Child, request: Reply): Promise<void> {
  const { losses } = await child.ask(request);
  if (!Array.isArray(losses)) throw new TypeError(`${child.name} told no losses`);
  console.log(`  ${child.name}: ${losses.map((loss) => Number(loss).toFixed(4)).join(", ")}`);
  const apart = Math.max(...losses.map((loss, index) => Math.abs(Number(loss) / (wanted[index] ?? Number.NaN) - 1)));
  if (!(apart <= 2e-3)) throw new Error(`${net}: the losses of ${child.name} are others by ${apart}`);
}

async function measureNet(net: TrainingNet, options: PartOptions, folder: string): Promise<Row[]> {
  const { threads, torches, nodes, rounds } = options;
  const file = join(folder, `${net.name}.safetensors`);
  const backends: Backend[] = [];
  const entrants: Entrant[] = [];
  const losses: number[] = [];
  let operations = 0;
  for (const count of threads) {
    const { backend, model, step } = await striaStep(net, cpu({ threads: count }));
    backends.push(backend);
    if (entrants.length === 0) {
      operations = 6 * summary(model, net.input.slice(1)).multiplyAdds * net.input[0];
      if (torches.length > 0) await writeStart(net, model, file);
    }
    for (let turn = 0; turn < comparedSteps; turn++) {
      const { loss } = await step();
      if (entrants.length === 0) losses.push(loss);
    }
    const run = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await step();
    };
    entrants.push({ name: `stria, ${onThreads(count)}`, run });
  }
  console.log(`${net.name}: losses ${losses.map((loss) => loss.toFixed(4)).join(", ")}`);
  for (const { child } of nodes) {
    await compareLosses(net.name, losses, child, { do: "train", net: net.name, threads });
    for (const count of threads) entrants.push(child.entrant(net.name, count));
  }
  for (const torch of torches) {
    await compareLosses(net.name, losses, torch, { do: "train", net: net.name, file });
    for (const count of threads) entrants.push(torch.entrant(net.name, count));
  }
  const result = await contest(entrants, { rounds, budget: 30_000 });
  console.log(`  ${peakLine(result)}`);
  for (const backend of backends) backend.dispose();
  const ratios = beside(
    nodes,
    torches.map((torch) => torch.name),
    threads,
  );
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
