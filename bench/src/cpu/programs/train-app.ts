// An app that trains LeNet-5 with Adam on the CPU: what its bundle holds is what a page fetches.
import { cpu } from "@stria/backend-cpu";
import { fromHost, setSeed, type Tensor, useBackend } from "@stria/core";
import { conv2d, crossEntropy, dense, flatten, maxPool2d, sequential } from "@stria/layers";
import { adam } from "@stria/optimizers";
import { trainStep } from "@stria/training";

setSeed(1);
await useBackend(cpu());
const model = sequential(
  [
    conv2d(6, 5, { activation: "relu" }),
    maxPool2d(2),
    conv2d(16, 5, { activation: "relu" }),
    maxPool2d(2),
    flatten(),
    dense(120, { activation: "relu" }),
    dense(84, { activation: "relu" }),
    dense(10),
  ],
  { inputShape: [1, 32, 32] },
);
const step = trainStep(model, adam({ learningRate: 1e-3 }), (m, { x, y }: { x: Tensor; y: Tensor }) =>
  crossEntropy(m.forward(x), y),
);
const x = fromHost(new Float32Array(64 * 1024), [64, 1, 32, 32], "float32");
const { loss } = await step({ x, y: fromHost(new Int32Array(64), [64], "int32") });
console.log(loss);
