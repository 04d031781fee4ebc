// A run over augmented, shuffled, sampled data that is stopped within an epoch goes on to the same bits.
import { setSeed, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { balancedSampler, digits, loader, type LoaderOptions } from "@stria/data";
import { crossEntropy, dense, flatten, sequential, stateDict } from "@stria/layers";
import { adam } from "@stria/optimizers";
import { fit } from "@stria/training";
import { beforeEach, expect, it } from "vitest";

beforeEach(() => useBackend(reference()));

const { train } = digits({ train: 40 });

type Options = Partial<LoaderOptions<{ readonly x: Float32Array; readonly y: number }>>;
const orders: readonly (readonly [string, Options])[] = [
  ["shuffled", { shuffle: true }],
  ["sampled by class", { sampler: balancedSampler(train) }],
];

it.each(orders)("%s", async (_, order) => {
  const makeModel = () => sequential([flatten(), dense(10)], { inputShape: [1, 28, 28] });
  const makeBatches = (prefetch: number) =>
    loader(train, {
      batchSize: 8,
      prefetch,
      transform: ({ x, y }, { random }) => {
        const brightness = random.uniform(0.5, 1.5);
        return { x: x.map((pixel) => pixel * brightness), y };
      },
      ...order,
    });
  const options = { loss: crossEntropy, optimizer: adam({ learningRate: 0.01 }), epochs: 2 };
  const bits = async (model: object): Promise<number[][]> =>
    Promise.all([...stateDict(model).values()].map(async (value) => Array.from(await value.data())));

  setSeed(3);
  const whole = makeModel();
  await fit(whole, makeBatches(1), options);

  setSeed(3);
  let saved: Uint8Array | undefined;
  await fit(makeModel(), makeBatches(3), {
    ...options,
    callbacks: [
      {
        async onStep(run, { step }) {
          if (step !== 6) return; // in the second epoch, which has five steps
          run.stop();
          saved = await run.checkpoint();
        },
      },
    ],
  });
  setSeed(99); // the checkpoint knows its own
  const resumed = makeModel();
  await fit(resumed, makeBatches(0), { ...options, ...(saved && { resume: saved }) });
  expect(saved).toBeInstanceOf(Uint8Array);
  expect(await bits(resumed)).toEqual(await bits(whole));
});
