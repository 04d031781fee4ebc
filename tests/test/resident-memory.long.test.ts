// What no backend counts: the memory of the whole process. In a file, and so in a process, of its own.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { at } from "@stria/core";
import { expect, test } from "vitest";
import { openBackend } from "../src/golden/backends.ts";
import { soakTrainStep } from "./soak.ts";

const [steps, interval] = [10_000, 1000];
/** Pictures in a batch: 256 KiB of them. */
const size = 1024;
/**
 * Growth that is no leak. One batch held in each step would be 2,250 MiB, an eighth of one 281 MiB; V8 lets its own heap grow by up to 90 MiB in such
 * a run (and no further in longer ones).
 */
const bound = 128 * 2 ** 20;

/** Collects garbage, so that what is resident is what is held. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc === "function") Reflect.apply(gc, undefined, []);
}

test(`${steps} steps on cpu leave the resident memory of the process where it was`, { timeout: 600_000 }, async () => {
  const backend = await openBackend("cpu");
  const resident: number[] = [];
  const afterStep = (done: number): void => {
    if (done % interval !== 0) return;
    collect();
    resident.push(process.memoryUsage().rss);
  };
  await soakTrainStep(backend, steps, { size, afterStep });
  backend.dispose();
  expect(resident).toHaveLength(steps / interval);
  expect(at(resident, resident.length - 1) - at(resident, 0)).toBeLessThan(bound);
});
