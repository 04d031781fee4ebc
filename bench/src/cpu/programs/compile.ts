// A process that traces and compiles one training step, cold, and says how long that took: `compile.ts NET THREADS`.
import { cpu } from "@stria/backend-cpu";
import { fromHost, setSeed, type Tensor, useBackend } from "@stria/core";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { compiledNets } from "../compiled-nets.ts";

const [name = "", threads = "1"] = process.argv.slice(2);
const net = compiledNets.find((one) => one.name === name);
if (!net) throw new RangeError(`no net ${name}`);
const { make, input } = net;
await useBackend(cpu({ threads: Number(threads) }));
setSeed(1);
const model = await make();
const size = input.reduce((all, length) => all * length, 1);
const batch = {
  x: fromHost(new Float32Array(size), [...input], "float32"),
  y: fromHost(new Int32Array(input[0]), [input[0]], "int32"),
};
const step = trainStep(model, sgd({ learningRate: 0.01, momentum: 0.9 }), (m, b: { x: Tensor; y: Tensor }) =>
  crossEntropy(m.forward(b.x), b.y),
);
const before = process.cpuUsage();
const start = performance.now();
step.graph(batch);
const traced = performance.now();
await step.ready(batch);
const compiled = performance.now();
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ trace: traced - start, compile: compiled - traced, processor: (user + system) / 1000 }));
process.exit(0);
