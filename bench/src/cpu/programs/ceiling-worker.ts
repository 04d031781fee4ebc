// One thread of those that show what the machine can do on several: its share of register loops, or of a copy, when it is told.
import { parentPort, workerData } from "node:worker_threads";
import { engineFeatures } from "../../../../packages/backend-cpu/src/engine.ts";
import { registerLoop } from "../../../../packages/backend-cpu/src/insight/machine.ts";

/** What it is told: the part `index` of `count` parts, so many times. */
export interface Share {
  readonly work: "register" | "copy";
  readonly times: number;
  readonly index: number;
  readonly count: number;
  /** Of all parts together. */
  readonly operations: number;
}

const { source, target } = workerData as Readonly<Record<"source" | "target", Float32Array>>;
const loops = new Map<number, () => void>();

function loopOf(operations: number): () => void {
  const made = loops.get(operations) ?? registerLoop(engineFeatures().relaxedMultiplyAdd, operations);
  loops.set(operations, made);
  return made;
}

parentPort?.on("message", ({ work, times, index, count, operations }: Share) => {
  const [from, to] = [index, index + 1].map((part) => Math.round((source.length / count) * part));
  const run = work === "register" ? loopOf(operations / count) : () => target.set(source.subarray(from, to), from);
  for (let time = 0; time < times; time++) run();
  parentPort?.postMessage("done", []);
});
