// Short runs of training, the same wherever they are made: their losses and weights can be compared bit by bit.
import {
  type Backend,
  concat,
  fillUniform,
  fromHost,
  relu,
  setSeed,
  streamKey,
  type Tensor,
  useBackend,
} from "@stria/core";
import { BatchNorm2d, Conv2d, crossEntropy, flatten, Linear, MaxPool2d, Module, stateDict } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { type LabelledBatch, trainStep } from "@stria/training";
import { lenet5, resnet20 } from "@stria/zoo";

/** Makes one step and returns its loss. */
export type Step = () => Promise<number>;

/** A training step of a model on batches of noise, each new on the host as a loader makes them. */
function stepOf(model: Module, shape: readonly [batch: number, ...sample: number[]]): Step {
  const step = trainStep(model, sgd({ learningRate: 0.01, momentum: 0.9 }), (net, { x, y }: LabelledBatch) =>
    crossEntropy(net.forward(x), y),
  );
  const [batch] = shape;
  const size = shape.reduce((product, extent) => product * extent);
  let number = 0;
  return async () => {
    const x = new Float32Array(size);
    fillUniform(streamKey(5, "x", number++), 0, x);
    const y = Int32Array.from({ length: batch }, (_, row) => row % 10);
    const { loss } = await step({ x: fromHost(x, shape, "float32"), y: fromHost(y, [batch], "int32") });
    return loss;
  };
}

export const steps: Readonly<Record<string, () => Step>> = {
  "LeNet-5": () => stepOf(lenet5(), [32, 1, 28, 28]),
  "ResNet-20": () => stepOf(resnet20(), [4, 3, 32, 32]),
};

/** What networks are made of, in one (no bias before a norm: its gradient would be rounding alone): batch norm, max pooling, a concatenation as DenseNet's, and convolutions that Winograd's algorithm computes. */
class Mixed extends Module {
  readonly first: Conv2d = new Conv2d(1, 16, 5, { padding: 2, bias: false });
  readonly firstNorm: BatchNorm2d = new BatchNorm2d(16);
  readonly pool: MaxPool2d = new MaxPool2d(2);
  readonly second: Conv2d = new Conv2d(16, 32, 3, { padding: 1, bias: false });
  readonly secondNorm: BatchNorm2d = new BatchNorm2d(48);
  readonly third: Conv2d = new Conv2d(48, 24, 3, { padding: 1 });
  readonly head: Linear = new Linear(24 * 49, 10);

  override forward(x: Tensor): Tensor {
    const y = this.pool.forward(relu(this.firstNorm.forward(this.first.forward(x))));
    const dense = concat([y, this.second.forward(y)], 1);
    const z = this.pool.forward(this.third.forward(relu(this.secondNorm.forward(dense))));
    return this.head.forward(flatten().forward(z));
  }
}

/** Five steps of a small network on digits' shapes: its losses, and its state afterwards. */
export interface Trained {
  readonly losses: readonly number[];
  readonly state: readonly Float32Array[];
}

export const trainedNets = { "LeNet-5": () => lenet5(), mixed: () => new Mixed() } as const satisfies Readonly<
  Record<string, () => Module<[x: Tensor]>>
>;

const shape = [32, 1, 28, 28] as const;

/** Trains a net on a backend that is made for it, and disposed of. */
export async function train(backend: Backend | Promise<Backend>, make: () => Module): Promise<Trained> {
  const made = await useBackend(backend);
  setSeed(1);
  const model = make();
  const step = stepOf(model, shape);
  const losses: number[] = [];
  for (let count = 0; count < 5; count++) losses.push(await step());
  const state: Float32Array[] = [];
  for (const tensor of stateDict(model).values()) state.push(Float32Array.from(await tensor.data()));
  made.dispose();
  return { losses, state };
}

/** Their bits in eight hexadecimal digits: FNV-1a. */
export function bitsOf({ losses, state }: Trained): string {
  let hash = 0x811c9dc5;
  for (const { buffer } of [Float32Array.from(losses), ...state])
    for (const byte of new Uint8Array(buffer)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/** Bits of the losses and weights of five steps of every net, each on a backend of its own. */
export async function fingerprint(open: () => Backend | Promise<Backend>): Promise<string> {
  const bits: string[] = [];
  for (const make of Object.values(trainedNets)) bits.push(bitsOf(await train(open(), make)));
  return bits.join(" ");
}
