// A process that makes some training steps and says what memory it took: `steps.ts NET THREADS STEPS`. With 0 steps: what the imports and the backend take.
import { cpu } from "@stria/backend-cpu";
import { striaStep } from "../stria-step.ts";
import { trainingNets } from "../training-nets.ts";

const [name = "", threads = "1", steps = "0"] = process.argv.slice(2);
const net = trainingNets.find((one) => one.name === name);
if (!net) throw new RangeError(`no net ${name}`);
const backend = await cpu({ threads: Number(threads) });
if (Number(steps) > 0) {
  const { step } = await striaStep(net, Promise.resolve(backend));
  for (let turn = 0; turn < Number(steps); turn++) await step();
}
console.log(JSON.stringify({ kilobytes: process.resourceUsage().maxRSS }));
process.exit(0);
