// What the suites that train share: a fit with the time and the processor's time that it took.
import type { Backend } from "@stria/core";
import { setSeed, useBackend } from "@stria/core";
import { cpu } from "@stria/backend-cpu";
import type { Row } from "./row.ts";

/** Runs `train` on the CPU backend from seed 1; its figures, and the minutes that it took, on the clock and on all processors. */
export async function timed(
  name: string,
  threads: number,
  train: () => Promise<Readonly<Record<string, number>>>,
): Promise<Row> {
  const backend: Backend = await useBackend(cpu({ threads }));
  setSeed(1);
  const [start, before] = [performance.now(), process.cpuUsage()];
  const figures = await train();
  const { user, system } = process.cpuUsage(before);
  backend.dispose();
  return {
    name,
    figures: { ...figures, minutes: (performance.now() - start) / 60_000, "processor minutes": (user + system) / 6e7 },
  };
}
