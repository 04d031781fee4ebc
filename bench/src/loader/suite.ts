// A ResNet-20 training step on the CPU with data in memory, and with JPEG files of 160x160 that are decoded and augmented: by a worker, and by the thread that trains.
import { cpu } from "@stria/backend-cpu";
import { setSeed, type Tensor, useBackend } from "@stria/core";
import { type Batch, loader } from "@stria/data";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { resnet20 } from "@stria/zoo";
import type { Row, SuiteOptions } from "../row.ts";
import { augmentationOf, makeFiles, picturesOf } from "./files.ts";
import { measureRecords } from "./records.ts";

type Labelled = Pick<Batch, "x" | "y">;

const batchSize = 128;
/** Steps of each contestant in a round, one loader epoch. */
const stepsOfRound = 8;

/** What one round of a contestant took. */
interface Took {
  readonly milliseconds: number;
  /** Processor time of the thread that trains: it is what a busy machine does not change. */
  readonly own: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function* kept(batches: readonly Labelled[]): AsyncGenerator<Labelled> {
  yield* batches;
}

/** The parts that are asked for: `training`, `records`. */
export async function measure(options: SuiteOptions): Promise<Row[]> {
  const parts = (options.only ?? "training,records").split(",");
  return [
    ...(parts.includes("training") ? await measureTraining(options) : []),
    ...(parts.includes("records") ? await measureRecords(options) : []),
  ];
}

/** Steps over data in memory, beside steps over files with one worker and with none, in turns. */
async function measureTraining({ threads, rounds = 7 }: SuiteOptions): Promise<Row[]> {
  await useBackend(cpu({ threads }));
  setSeed(1);
  const model = resnet20();
  const step = trainStep(
    model,
    sgd({ learningRate: 0.01, momentum: 0.9 }),
    (m, { x, y }: { readonly x: Tensor; readonly y: Tensor }) => crossEntropy(m.forward(x), y),
  );
  const files = await makeFiles(256);
  const length = stepsOfRound * batchSize;
  const pictures = picturesOf(files, length);
  const withWorkers = (count: number) =>
    loader(pictures, {
      ...augmentationOf(pictures),
      batchSize,
      shuffle: true,
      seed: 1,
      workers: { count, start: new URL("./files.worker.ts", import.meta.url), data: { files, length } },
    });
  const [here, worker] = [withWorkers(0), withWorkers(1)];
  const inMemory: Labelled[] = [];
  for await (const batch of here.batches(0)) inMemory.push(batch);

  const contestants: readonly (readonly [name: string, () => AsyncIterable<Labelled>])[] = [
    ["in memory", () => kept(inMemory)],
    ["one worker", () => worker],
    ["no worker", () => here],
  ];
  const taken = contestants.map((): Took[] => []);
  for (let round = -1; round < rounds; round++)
    for (const [index, [, batches]] of contestants.entries()) {
      const [start, processor] = [performance.now(), process.threadCpuUsage()];
      for await (const { x, y } of batches()) await step({ x, y });
      const { user, system } = process.threadCpuUsage(processor);
      // The first round compiles the step and starts the worker.
      if (round >= 0) taken[index]?.push({ milliseconds: performance.now() - start, own: (user + system) / 1000 });
    }
  const { statistics } = worker;
  // What the loader costs the thread that trains, besides the memory that both use: batches that nothing is done with.
  const alone = process.threadCpuUsage();
  let batches = 0;
  for (let epoch = 0; epoch < 3; epoch++)
    for await (const { x } of worker.batches(epoch)) batches += Number(x.shape[0] === batchSize);
  const spent = process.threadCpuUsage(alone);
  const ownOfBatch = (spent.user + spent.system) / 1000 / batches;
  worker.close();
  const [first = []] = taken;
  return contestants.map(([name], index) => {
    const own = taken[index] ?? [];
    // A round is compared with that of data in memory beside it.
    const ratio = (of: keyof Took): number => median(own.map((took, round) => took[of] / (first[round]?.[of] ?? 1)));
    const times = own.map(({ milliseconds }) => milliseconds / stepsOfRound);
    return {
      name: `resnet20 step of ${batchSize}, ${name}`,
      median: median(times),
      fastest: Math.min(...times),
      figures: {
        "times in memory": ratio("milliseconds"),
        "own processor ms": median(own.map((took) => took.own / stepsOfRound)),
        "times own in memory": ratio("own"),
        ...(name === "one worker" && {
          "of it, batches ms": ownOfBatch,
          // Of the time of its own steps, so that a busy machine changes both.
          "waited for batches %": (100 * statistics.waitedForBatches) / (statistics.waitedForBatches + statistics.used),
          "worker idle %": (100 * statistics.waitedForRoom) / (statistics.waitedForBatches + statistics.used),
        }),
      },
    };
  });
}
