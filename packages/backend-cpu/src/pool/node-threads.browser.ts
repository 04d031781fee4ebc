// Where package exports are not resolved for Node, its threads are not asked for.
import type { WorkerStart } from "./worker-source.ts";
import type { Life, Thread } from "./workers.ts";

/** Not known here. */
export function nodeParallelism(): number | undefined {
  return undefined;
}

/** There are none. */
export function hasNodeThreads(): boolean {
  return false;
}

/** Starts none. */
export function nodeThread(_start: WorkerStart, _life: Life): Thread | undefined {
  return undefined;
}
