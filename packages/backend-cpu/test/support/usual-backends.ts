// The backends that kernels are held to: one thread, three, and deterministic.
import type { Backend } from "@stria/core";
import { afterAll, beforeAll } from "vitest";
import { cpu, type CpuOptions } from "../../src/index.ts";

/** These and one of each of `more`: a list that is filled before the tests of the file, and disposed after them. */
export function usualBackends(...more: readonly CpuOptions[]): readonly Backend[] {
  const backends: Backend[] = [];
  beforeAll(async () => {
    for (const options of [{ threads: 1 }, { threads: 3 }, { threads: 1, deterministic: true }, ...more])
      backends.push(await cpu(options));
  });
  afterAll(() => {
    for (const backend of backends) backend.dispose();
  });
  return backends;
}
