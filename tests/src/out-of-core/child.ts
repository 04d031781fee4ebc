// A process that trains on a file of records, `child.ts FILE WORKERS [keep]`: it says what memory it has after a few steps, waits until its limit is set, and goes through the rest; with `keep` it
// keeps every item in memory.
import { readFileSync } from "node:fs";
import { cpu } from "@stria/backend-cpu";
import { setSeed, type Tensor, useBackend } from "@stria/core";
import { cache, loader, openRecords } from "@stria/data";
import { crossEntropy, Linear } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { type Item, reduce, reducedFields } from "./items.ts";

const [path = "", count = "0", keep] = process.argv.slice(2);

/** Bytes that this process may write to, used or not: what its limit is compared with. */
function dataBytes(): number {
  return 1024 * Number(/VmData:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

setSeed(1);
await useBackend(cpu({ threads: 1 }));
const model = new Linear(16, 2);
const step = trainStep(model, sgd({ learningRate: 0.01 }), (m, { x, y }: { x: Tensor; y: Tensor }) =>
  crossEntropy(m.forward(x), y),
);
const records = await openRecords<Item>(path);
const batches = loader(keep === undefined ? records : cache(records), {
  batchSize: 16,
  transform: reduce,
  fields: reducedFields,
  workers: { count: Number(count), start: new URL("./items.worker.ts", import.meta.url), data: path },
});
const losses: number[] = [];
for await (const { x, y } of batches) {
  losses.push((await step({ x, y })).loss);
  if (losses.length !== 12) continue;
  process.stdout.write(`${JSON.stringify({ bytes: dataBytes() })}\n`);
  await new Promise((resolve) => process.stdin.once("data", resolve));
}
const resident = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  `${JSON.stringify({ bytes: dataBytes(), resident, steps: losses.length, first: losses[0], last: losses.at(-1) })}\n`,
);
process.exit(0);
