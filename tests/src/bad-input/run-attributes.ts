// Every number that data, optimizers, schedules and runs take, as a function of that number.
import { Parameter, type Tensor, ones, tensor } from "@stria/core";
import * as data from "@stria/data";
import { Linear, mseLoss } from "@stria/layers";
import * as optimizers from "@stria/optimizers";
import * as training from "@stria/training";
import { cifarResNet, lenet5 } from "@stria/zoo";
import type { ByNumber } from "./by-number.ts";

const items = (): data.Dataset<{ x: number }> => data.listDataset([1, 2, 3, 4, 5].map((x) => ({ x })));
const all = async (batches: AsyncIterable<unknown>): Promise<number> => {
  let count = 0;
  for await (const _ of batches) if (++count > 100) break;
  return count;
};
const loading = (options: Partial<data.LoaderOptions<{ x: number }>>): Promise<number> =>
  all(data.loader(items(), { batchSize: 2, ...options }));

const dataByNumber: readonly ByNumber[] = [
  ["loader: batchSize", (n) => loading({ batchSize: n })],
  ["loader: batchSize, padded", (n) => loading({ batchSize: n, last: "pad" })],
  ["loader: seed", (n) => loading({ shuffle: true, seed: n })],
  ["loader: prefetch", (n) => loading({ prefetch: n })],
  ["take", (n) => data.take(items(), n).length],
  ["skip", (n) => data.skip(items(), n).length],
  ["split", (n) => data.split(items(), [n, 1]).map(({ length }) => length)],
  ["split: shares", (n) => data.split(items(), [n, 0.5]).map(({ length }) => length)],
  ["split: seed", (n) => data.split(items(), [2, 3], { seed: n }).map(({ length }) => length)],
  ["subset", (n) => data.subset(items(), [n]).length],
  [
    "shuffle: buffer",
    (n) =>
      all(
        data.shuffle(
          data.streamDataset(() => [1, 2, 3]),
          { buffer: n, seed: 1 },
        ),
      ),
  ],
  ["weightedSampler", (n) => loading({ sampler: data.weightedSampler([n, 1, 1, 1, 1]) })],
  ["weightedSampler: count", (n) => loading({ sampler: data.weightedSampler([1, 1, 1, 1, 1], { count: n }) })],
  ["digits: train", (n) => data.digits({ train: n, test: 1 }).train.length],
  ["digits: seed", (n) => data.digits({ train: 1, test: 1, seed: n }).train.length],
  ["classLabel", (n) => data.classLabel(n)],
  ["arrayDataset: shape", (n) => data.arrayDataset(new Float32Array(4), [0, 1], { shape: [n] }).length],
];

/** One step of a line with an optimizer. */
const stepped = async (optimizer: optimizers.Optimizer): Promise<unknown> => {
  const model = new Linear(1, 1);
  const step = training.trainStep(model, optimizer, (m, { x, y }: training.LabelledBatch) => mseLoss(m.forward(x), y));
  return step({ x: tensor([[1]]), y: tensor([[2]]) });
};
const { sgd, adam } = optimizers;
const rate = { learningRate: 0.1 };
const at = (schedule: optimizers.Schedule): number => schedule(3);

const optimizersByNumber: readonly ByNumber[] = [
  ["sgd: learningRate", (n) => stepped(sgd({ learningRate: n }))],
  ["sgd: momentum", (n) => stepped(sgd({ ...rate, momentum: n }))],
  ["sgd: weightDecay", (n) => stepped(sgd({ ...rate, weightDecay: n }))],
  ["adam: beta", (n) => stepped(adam({ ...rate, betas: [n, 0.999] }))],
  ["adam: epsilon", (n) => stepped(adam({ ...rate, epsilon: n }))],
  ["rmsprop: decay", (n) => stepped(optimizers.rmsprop({ ...rate, decay: n }))],
  ["clipByGlobalNorm", (n) => stepped(optimizers.chain(optimizers.clipByGlobalNorm(n), sgd(rate)))],
  [
    "clipByGlobalNorm: order",
    (n) => stepped(optimizers.chain(optimizers.clipByGlobalNorm(1, { order: n }), sgd(rate))),
  ],
  ["clipByValue", (n) => stepped(optimizers.chain(optimizers.clipByValue(n), sgd(rate)))],
  ["ema", (n) => stepped(optimizers.withAverage(sgd(rate), optimizers.ema(n)))],
  ["swa: from", (n) => stepped(optimizers.withAverage(sgd(rate), optimizers.swa({ from: n })))],
  ["swa: every", (n) => stepped(optimizers.withAverage(sgd(rate), optimizers.swa({ every: n })))],
  ["constant", (n) => at(optimizers.constant(n))],
  ["cosine: rate", (n) => at(optimizers.cosine(n, { steps: 10 }))],
  ["cosine: steps", (n) => at(optimizers.cosine(1, { steps: n }))],
  ["cosine: warmUpSteps", (n) => at(optimizers.cosine(1, { steps: 10, warmUpSteps: n }))],
  ["cosineAnnealing: period", (n) => at(optimizers.cosineAnnealing(1, { period: n }))],
  ["cosineWarmRestarts: period", (n) => at(optimizers.cosineWarmRestarts(1, { period: n }))],
  ["cosineWarmRestarts: factor", (n) => at(optimizers.cosineWarmRestarts(1, { period: 2, factor: n }))],
  ["cyclic: up", (n) => at(optimizers.cyclic(0, 1, { up: n }))],
  ["stepDecay: every", (n) => at(optimizers.stepDecay(1, { every: n }))],
  ["stepDecay: factor", (n) => at(optimizers.stepDecay(1, { every: 2, factor: n }))],
  ["multiStepDecay", (n) => at(optimizers.multiStepDecay(1, { milestones: [n] }))],
  ["exponentialDecay", (n) => at(optimizers.exponentialDecay(1, { factor: n }))],
  ["linear: steps", (n) => at(optimizers.linear(0, 1, n))],
  ["polynomialDecay: power", (n) => at(optimizers.polynomialDecay(1, { steps: 10, power: n }))],
  ["oneCycle: steps", (n) => at(optimizers.oneCycle(1, { steps: n }))],
  ["oneCycle: warmUpShare", (n) => at(optimizers.oneCycle(1, { steps: 10, warmUpShare: n }))],
  ["reduceOnPlateau: patience", (n) => optimizers.reduceOnPlateau(1, { patience: n })],
  ["sequence: milestones", (n) => at(optimizers.sequence([optimizers.constant(1), optimizers.constant(2)], [n]))],
];

const pairs = (): training.LabelledBatch[] => [{ x: tensor([[1], [2]]), y: tensor([[2], [3]]) }];
const fitting = (options: Partial<training.FitOptions<training.MetricTable>>): Promise<unknown> =>
  training.fit(new Linear(1, 1), pairs(), { loss: mseLoss, optimizer: sgd(rate), epochs: 1, ...options });
const scores = (): training.LabelledBatch[] => [{ x: ones([2, 3]), y: tensor(Int32Array.of(0, 2)) }];
class Same extends Linear {
  override forward(x: Tensor): Tensor {
    return x;
  }
}
const evaluated = (metric: training.Metric<unknown>): Promise<unknown> =>
  training.evaluate(new Same(1, 1), scores(), { metric });

const runsByNumber: readonly ByNumber[] = [
  ["fit: epochs", (n) => (n > 1e6 ? fitting({ epochs: n, signal: AbortSignal.abort() }) : fitting({ epochs: n }))],
  ["fit: accumulate", (n) => fitting({ accumulate: n })],
  ["earlyStopping: patience", (n) => training.earlyStopping({ patience: n })],
  ["topKAccuracy", (n) => evaluated(training.topKAccuracy(n))],
  [
    "findLearningRate: to",
    (n) =>
      training.findLearningRate(new Linear(1, 1), pairs(), { loss: mseLoss, optimizer: sgd(rate), to: n, steps: 3 }),
  ],
  ["lenet5: numClasses", (n) => lenet5({ numClasses: n })],
  ["cifarResNet: depth", (n) => cifarResNet(n)],
  ["Parameter: shape", (n) => new Parameter([n], () => new Float32Array(2)).value],
];

export const runAttributes: readonly ByNumber[] = [...dataByNumber, ...optimizersByNumber, ...runsByNumber];
