// What the suites that train share: the time and the processors' time that a fit took, and a checkpoint from which a run goes on.
import { existsSync } from "node:fs";
import { cpu } from "@stria/backend-cpu";
import { setSeed, useBackend } from "@stria/core";
import { type Callback, type FitOptions, type MetricTable, checkpoints, progressBar } from "@stria/training";
import type { Row, SuiteOptions } from "./row.ts";

/** Minutes by the clock, and of all processors together. */
type Minutes = Readonly<Record<"minutes" | "processor minutes", number>>;

/** Counts minutes, those of earlier parts of a run included. */
function stopwatch(): Callback & { read(): Minutes } {
  const [start, processors] = [performance.now(), process.cpuUsage()];
  let before: Minutes = { minutes: 0, "processor minutes": 0 };
  const read = (): Minutes => {
    const { user, system } = process.cpuUsage(processors);
    return {
      minutes: before.minutes + (performance.now() - start) / 60_000,
      "processor minutes": before["processor minutes"] + (user + system) / 6e7,
    };
  };
  return {
    name: "stopwatch",
    read,
    save: read,
    restore: (saved) => {
      before = { minutes: Number(saved["minutes"]), "processor minutes": Number(saved["processor minutes"]) };
    },
  };
}

/** What `fit` is told besides the recipe. */
export type RunOptions = Required<Pick<FitOptions<MetricTable>, "callbacks">> & Pick<FitOptions<MetricTable>, "resume">;

/** Runs `train` on the CPU backend from seed 1: what it reached, and the minutes that it took. With a checkpoint it goes on where that is. */
export async function timed(
  name: string,
  { threads, checkpoint }: SuiteOptions,
  train: (run: RunOptions) => Promise<Readonly<Record<string, number>>>,
): Promise<Row> {
  const backend = await useBackend(cpu({ threads }));
  setSeed(1);
  const watch = stopwatch();
  const callbacks = [progressBar(), watch, ...(checkpoint === undefined ? [] : [checkpoints(checkpoint)])];
  const resume = checkpoint !== undefined && existsSync(checkpoint) ? { resume: checkpoint } : {};
  const figures = await train({ callbacks, ...resume });
  backend.dispose();
  return { name, figures: { ...figures, ...watch.read() } };
}
