// The golden training runs on one executor.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BackendName } from "../src/golden/backends.ts";
import { readGolden } from "../src/golden/files.ts";
import { asObject } from "../src/golden/json.ts";
import { runTraining } from "../src/golden/training.ts";
import { dataFolder, largeGoldens } from "../src/setting.ts";
import { onBackend } from "./on-backend.ts";

export interface Run {
  /** Name of the golden, without its ending. */
  readonly name: string;
  /** Only so many steps, and their losses only. */
  readonly steps?: number;
}

/** Declares a test for each run. Without goldens or data sets they are left out, and a line says so. */
export async function testTrainingGoldens(backend: BackendName, runs: readonly Run[]): Promise<void> {
  const [goldens = "", data] = [largeGoldens(), dataFolder()];
  const absent =
    goldens === "" ? "there is no ../shared/golden" : data === undefined ? "there is no data folder (STRIA_DATA)" : "";
  if (absent !== "") process.stdout.write(`Training runs on ${backend} are left out: ${absent}.\n`);
  await onBackend(backend, () => {
    for (const { name, steps } of runs) {
      const path = join(goldens, "training", `${name}.json`);
      const reason = absent === "" && !existsSync(path) ? "there is no golden of it" : absent;
      test.skipIf(reason !== "")(
        `run ${name}${steps === undefined ? "" : `, the first ${steps}`}${reason === "" ? "" : `, left out: ${reason}`}`,
        { timeout: 900_000 },
        async () => {
          const golden = asObject(readGolden({ name, path, kind: "training" }), name);
          expect(await runTraining(golden, data, steps === undefined ? {} : { steps })).toMatchObject({
            status: "passed",
          });
        },
      );
    }
  });
}

/** What every executor answers for in the ordinary run; the rest takes minutes. */
export const shortRuns: readonly Run[] = [
  { name: "lenet5-sgd" },
  { name: "lenet5-adam" },
  { name: "resnet20-cifar-sgd-0.01", steps: 1 },
  { name: "tdnn-sgd" },
  { name: "conv-gru-adamw" },
  { name: "unet-isbi-adam", steps: 1 },
];

export const longRuns: readonly Run[] = [
  { name: "lenet5-sgd-100" },
  { name: "lenet5-adam-100" },
  { name: "resnet20-cifar-sgd-0.01" },
  { name: "resnet20-cifar-sgd-0.1" },
  { name: "unet-isbi-adam" },
];
