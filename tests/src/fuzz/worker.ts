// Fuzzes in a thread that can be ended from outside, should a file make it hang.
import { parentPort, workerData } from "node:worker_threads";
import { fuzz } from "./fuzz.ts";
import { subjectsIn } from "./subjects.ts";

/** What the thread is told. */
export interface FuzzTask {
  readonly folder: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** The number of the file that is being read, for whoever watches. */
  readonly progress: SharedArrayBuffer;
}

function isTask(value: unknown): value is FuzzTask {
  return typeof value === "object" && value !== null && "folder" in value && "progress" in value;
}

const task: unknown = workerData;
if (!isTask(task)) throw new Error("the thread was told nothing");
const { folder, seed, from, to, progress } = task;
const at = new Int32Array(progress);
const result = await fuzz(subjectsIn(folder), seed, from, to, (number) => void Atomics.store(at, 0, number));
parentPort?.postMessage(result, []);
