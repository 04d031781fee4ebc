// What two threads of this machine can be to one at all, in the same rounds as a network: multiply-adds on registers, which share nothing, and copies of
// memory, which share what leads there. Both do the same work on either number of threads, divided evenly.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { ceilingNames } from "./ceiling-names.ts";
import type { Entrant } from "./contest.ts";
import type { Share } from "./programs/ceiling-worker.ts";
import { onThreads } from "./rows.ts";

/** Multiply-adds and additions of a run in all. */
const operations = 6e8;
/** Bytes that a run copies: more than caches hold. */
const bytes = 64 * 2 ** 20;

export interface Ceilings {
  readonly entrants: readonly Entrant[];
  end(): Promise<void>;
}

/** Starts a worker for each thread of the largest number; between runs they sleep. */
export function startCeilings(threads: readonly number[]): Ceilings {
  const source = new Float32Array(new SharedArrayBuffer(bytes)).fill(1);
  const target = new Float32Array(new SharedArrayBuffer(bytes));
  const workers = Array.from(
    { length: Math.max(...threads) },
    () => new Worker(new URL("programs/ceiling-worker.ts", import.meta.url), { workerData: { source, target } }),
  );
  const run = async (work: keyof typeof ceilingNames, count: number, times: number): Promise<void> => {
    await Promise.all(
      workers.slice(0, count).map(async (worker, index) => {
        const share: Share = { work, times, index, count, operations };
        worker.postMessage(share, []);
        await once(worker, "message");
      }),
    );
  };
  const entrants = threads.flatMap((count) =>
    (["register", "copy"] as const).map((work): Entrant => ({
      name: `${ceilingNames[work]}, ${onThreads(count)}`,
      run: (times) => run(work, count, times),
    })),
  );
  return {
    entrants,
    end: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
