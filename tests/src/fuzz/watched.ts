// A run of the fuzzer under a watch: a file that makes it hang is a finding too.
import { Worker } from "node:worker_threads";
import type { Fuzzed } from "./fuzz.ts";
import type { FuzzTask } from "./worker.ts";

const patience = 60_000; // milliseconds with one file, on a busy machine

/** Fuzzes the good files in `folder` in a thread. @throws when it hangs or dies, with the number of the file */
export async function watchedFuzz(folder: string, seed: number, from: number, to: number): Promise<Fuzzed> {
  const progress = new SharedArrayBuffer(4);
  const at = new Int32Array(progress);
  const workerData: FuzzTask = { folder, seed, from, to, progress };
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData,
    execArgv: ["--conditions=@stria/source"],
  });
  let seen = -1;
  const where = (): string => `file ${Atomics.load(at, 0)} of seed ${seed}`;
  try {
    return await new Promise<Fuzzed>((resolve, reject) => {
      const watch = setInterval(() => {
        if (seen === Atomics.load(at, 0)) reject(new Error(`${where()} hangs`));
        seen = Atomics.load(at, 0);
      }, patience);
      worker.once("message", (result: Fuzzed) => {
        clearInterval(watch);
        resolve(result);
      });
      worker.once("exit", () => reject(new Error(`${where()} ended the thread`)));
      worker.once("error", (cause) => {
        clearInterval(watch);
        reject(new Error(`${where()} ended the thread`, { cause }));
      });
    });
  } finally {
    await worker.terminate();
  }
}
