// Short runs of training, the same wherever they are made: their losses and weights can be compared bit by bit.
import { type Backend, fillUniform, fromHost, setSeed, streamKey, useBackend } from "@stria/core";
import { crossEntropy, type Module, stateDict } from "@stria/layers";
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

/** Bits of the losses and weights of five steps of LeNet-5, in eight hexadecimal digits. */
export async function fingerprint(backend: Backend | Promise<Backend>): Promise<string> {
  const made = await useBackend(backend);
  setSeed(1);
  const model = lenet5();
  const step = stepOf(model, [32, 1, 28, 28]);
  const losses: number[] = [];
  for (let count = 0; count < 5; count++) losses.push(await step());
  const arrays = [Float32Array.from(losses)];
  for (const tensor of stateDict(model).values()) arrays.push(Float32Array.from(await tensor.data()));
  made.dispose();
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (const { buffer } of arrays)
    for (const byte of new Uint8Array(buffer)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
