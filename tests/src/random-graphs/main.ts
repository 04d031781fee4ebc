// npm run random-graphs -- [--count N] [--seed N]: random networks, forward and backward, on the CPU backend and on the reference.
import { parseArgs } from "node:util";
import { checkNetwork, cpuContenders } from "./check.ts";
import { randomNetwork } from "./network.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "0" },
    show: { type: "boolean", default: false },
  },
});
const [count, first] = [Number(values.count), Number(values.seed)];
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const contenders = await cpuContenders();
const start = performance.now();
let [findings, layers] = [0, 0];
for (let seed = first; seed < first + count; seed++) {
  if (values.show) print(`seed ${seed}: ${randomNetwork(seed).told.join("; ")}`);
  for (const { contender, what, told } of await checkNetwork(seed, contenders)) {
    findings++;
    print(`seed ${seed}, ${contender}: ${what}\n  ${told.join("\n  ")}`);
  }
  layers += randomNetwork(seed).told.length;
  const done = seed - first + 1;
  if (done % 100 === 0 || done === count)
    print(
      `${done} networks of ${layers} layers, ${findings} findings, ${((performance.now() - start) / 1000).toFixed(0)} s`,
    );
}
for (const { backend } of contenders) backend.dispose();
process.exit(findings > 0 ? 1 : 0);
