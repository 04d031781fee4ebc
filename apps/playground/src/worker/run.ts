// One training run: a net, its digits and its optimizer, advanced a step at a time.
import { type Tensor, argMax, cast, equal, fromHost, mean, setSeed } from "@stria/core";
import { type Batch, type Loader, loader, take } from "@stria/data";
import { crossEntropy } from "@stria/layers";
import { type TrainStep, accuracy, evaluate, meanLoss, predict, trainStep } from "@stria/training";
import type { Measurement } from "../curves/history.ts";
import type { Built, Settings } from "../messages.ts";
import type { Opened } from "./backends.ts";
import type { Net } from "./build-net.ts";
import type { Digits } from "./data.ts";
import { optimizers } from "./optimizers.ts";
import { turn } from "./turn.ts";

/** Digits that are trained on between two tests, and digits of a test. */
const betweenTests = 6400;
const mostTested = 1000;
const testBatch = 250;

const metrics = { loss: meanLoss(crossEntropy), accuracy };

type Reported = Readonly<Record<"loss" | "accuracy", Tensor>>;

export class Run {
  readonly net: Net;
  readonly digits: Digits;
  readonly built: Built;
  /** Steps made so far. */
  step = 0;
  readonly #batches: Loader;
  readonly #tests: Loader;
  readonly #testEvery: number;
  readonly #trainStep: TrainStep<Batch, Reported>;
  #ahead: AsyncIterator<Batch> | undefined;
  #loss = 0;
  #measurements: Measurement[] = [];
  #tested: Measurement[] = [];

  /** @throws StriaError where the settings do not fit. `opened` must be the default backend before the first step. */
  constructor(settings: Settings, net: Net, digits: Digits, opened: Opened) {
    const { batchSize, seed } = settings;
    this.net = net;
    this.digits = digits;
    this.#batches = loader(digits.train, { batchSize, shuffle: true, last: "drop", seed });
    const tested = take(digits.test, Math.min(mostTested, digits.test.length));
    this.#tests = loader(tested, { batchSize: testBatch });
    this.#testEvery = Math.max(1, Math.round(betweenTests / batchSize));
    const optimizer = optimizers[settings.optimizer](settings.learningRate);
    this.#trainStep = trainStep(net.model, optimizer, (model, { x, y }: Batch): Reported => {
      const logits = model.forward(x);
      return { loss: crossEntropy(logits, y), accuracy: mean(cast(equal(argMax(logits, 1), y), "float32")) };
    });
    this.built = {
      settings,
      dataName: digits.name,
      trainLength: digits.train.length,
      testLength: digits.test.length,
      stepsPerEpoch: this.#batches.length,
      parameters: net.parameters,
      backend: opened.name,
      threads: opened.threads,
      layers: net.imageLayers,
      tested: tested.length,
    };
  }

  /** The epoch that the run is in, from 1. */
  get epoch(): number {
    return Math.max(1, this.#batches.epoch);
  }

  /** Whether the last loss was no finite number. */
  get diverged(): boolean {
    return !Number.isFinite(this.#loss);
  }

  /** Makes the seed of this run the root of all randomness: before its net is used first. */
  seed(): void {
    setSeed(this.built.settings.seed);
  }

  /** One step, and a test where one is due. */
  async advance(): Promise<void> {
    const batch = await this.#next();
    const { loss, accuracy: share } = await this.#trainStep(batch);
    this.step++;
    this.#loss = loss;
    this.#measurements.push({ step: this.step, loss, accuracy: share });
    if (this.#isTestDue()) await this.#test();
  }

  async #test(): Promise<void> {
    const found = await evaluate(this.net.model, this.#testBatches(), metrics);
    this.#tested.push({ step: this.step, loss: found.loss, accuracy: found.accuracy });
  }

  /** What was measured since this was asked last. */
  measured(): { measurements: Measurement[]; tests: Measurement[] } {
    const found = { measurements: this.#measurements, tests: this.#tested };
    this.#measurements = [];
    this.#tested = [];
    return found;
  }

  /** What the net gives each class for a digit [1, 1, 28, 28]: shares of 1. */
  async classify(x: Tensor): Promise<number[]> {
    const logits = await predict(this.net.model, x);
    const values = [...(await logits.data())];
    logits.dispose();
    const largest = Math.max(...values);
    const powers = values.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }

  /** Every so often, and more often at first, when most is learnt. */
  #isTestDue(): boolean {
    const every = this.#testEvery;
    const early = [8, 4, 2].map((part) => Math.round(every / part));
    return this.step === 1 || this.step % every === 0 || early.includes(this.step);
  }

  async #next(): Promise<Batch> {
    for (;;) {
      const found = await this.#ahead?.next();
      if (found !== undefined && found.done !== true) return found.value;
      this.#ahead = this.#batches[Symbol.asyncIterator]();
    }
  }

  async *#testBatches(): AsyncGenerator<Batch> {
    for await (const batch of this.#tests) {
      yield batch;
      await turn();
    }
  }
}

/** A digit of 28x28 bytes as the nets here read it. */
export function digitTensor(pixels: Uint8Array): Tensor {
  return fromHost(
    Float32Array.from(pixels, (ink) => (ink / 255 - 0.1307) / 0.3081),
    [1, 1, 28, 28],
    "float32",
  );
}
