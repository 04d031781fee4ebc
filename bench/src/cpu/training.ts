// Training steps: forward, backward and SGD with momentum, softmax cross-entropy, on one thread and on more, beside PyTorch from the same weights.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import { type Backend, type Tensor, namedCells, setSeed, tensor, useBackend } from "@stria/core";
import { encodeSafetensors } from "@stria/core/safetensors";
import { type Module, crossEntropy, summary } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { numbers } from "../numbers.ts";
import type { Row } from "../row.ts";
import type { Child } from "./child.ts";
import { type Entrant, contest } from "./contest.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { meansOf, peakLine, type Ratio, rowsOf } from "./rows.ts";
import { type TrainingNet, trainingNets } from "./training-nets.ts";

/** Steps whose losses are compared. */
const comparedSteps = 3;

interface Batch {
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Int32Array<ArrayBuffer>;
  readonly labels: readonly number[];
}

/** The same numbers in every run, and labels in turn. */
export function batchOf({ input, classes, dense = false }: TrainingNet): Batch {
  const [batch, , height, width] = input;
  const labels = dense ? [batch, height, width] : [batch];
  const size = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);
  return {
    x: numbers()(size(input), 1),
    y: Int32Array.from({ length: size(labels) }, (_, index) => index % classes),
    labels,
  };
}

/** The step of a net on a backend. */
export async function striaStep(
  net: TrainingNet,
  made: Promise<Backend>,
): Promise<{ backend: Backend; model: Module; step: () => Promise<{ loss: number }> }> {
  const backend = await useBackend(made);
  setSeed(1);
  const given = batchOf(net);
  const x = await tensor(given.x, { shape: [...net.input] }).to(backend);
  const y = await tensor(given.y, { shape: [...given.labels] }).to(backend);
  const model = net.make();
  const step = trainStep(model, sgd({ learningRate: 0.01, momentum: 0.9 }), (m, b: { x: Tensor; y: Tensor }) =>
    crossEntropy(m.forward(b.x), b.y),
  );
  return { backend, model, step: () => step({ x, y }) };
}

/** The parameters as they start, and the batch, for PyTorch. */
async function fileOf(net: TrainingNet, model: Module, path: string): Promise<void> {
  const given = batchOf(net);
  const parameters = [...namedCells(model).values()].filter(({ role }) => role === "param");
  const entries = await Promise.all(
    parameters.map(async (cell, index) => {
      const data = await cell.value.data();
      return [`parameter${index}`, { shape: cell.shape, dtype: cell.dtype, data }] as const;
    }),
  );
  await writeFile(
    path,
    encodeSafetensors(
      new Map([
        ...entries,
        ["x", { shape: [...net.input], dtype: "float32", data: given.x }],
        ["y", { shape: given.labels, dtype: "int32", data: given.y }],
      ]),
    ),
  );
}

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
      if (torches.length > 0) await fileOf(net, model, file);
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
