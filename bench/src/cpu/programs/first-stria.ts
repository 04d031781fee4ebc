// A process that makes one prediction of LeNet-5, as an app of a user's would.
import { cpu } from "@stria/backend-cpu";
import { compile, fromHost, type Tensor, useBackend } from "@stria/core";
import { conv2d, dense, flatten, maxPool2d, sequential } from "@stria/layers";

await useBackend(cpu({ threads: 1 }));
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
const predict = compile((x: Tensor) => model.forward(x));
const y = await predict(fromHost(new Float32Array(1024), [1, 1, 32, 32], "float32")).data();
if (y.length !== 10) throw new RangeError("no answer");
const { user, system } = process.cpuUsage();
process.stdout.write(`${(user + system) / 1000}\n`);
process.exit(0);
