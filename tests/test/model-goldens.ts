// The golden models on one executor.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BackendName, slackOf } from "../src/golden/backends.ts";
import { readGolden } from "../src/golden/files.ts";
import { pendingCases } from "../src/golden/kinds.ts";
import type { CaseResult } from "../src/golden/outcome.ts";
import { failureLine } from "../src/golden/report.ts";
import { largeGoldens, ownGoldens } from "../src/setting.ts";
import { onBackend } from "./on-backend.ts";

/** Declares a test for each model. What does not come with the project is left out where it is not at hand, and a line says so. */
export async function testModelGoldens(backend: BackendName, names: readonly string[]): Promise<void> {
  const context = { slack: slackOf(backend), gaps: [] };
  const large = largeGoldens();
  await onBackend(backend, () => {
    for (const name of names) {
      const file = `models/${name}.json`;
      const path = [ownGoldens, large ?? ""].map((folder) => join(folder, file)).find((one) => existsSync(one)) ?? "";
      if (path === "") process.stdout.write(`The model ${name} is left out on ${backend}: its golden is not here.\n`);
      test.skipIf(path === "")(`model ${name}`, { timeout: 900_000 }, async () => {
        const golden = { name: file, path, kind: "models" };
        const results: CaseResult[] = [];
        for (const pending of pendingCases(golden, readGolden(golden), context))
          results.push({ file, id: pending.id, outcome: await pending.run() });
        expect(results.flatMap((result) => failureLine(result) ?? [])).toEqual([]);
        expect(results.map(({ outcome }) => outcome.status)).toEqual(["passed"]);
      });
    }
  });
}

/** What every executor answers for in the ordinary run. */
export const shortModels: readonly string[] = ["lenet5", "resnet20_cifar"];

export const longModels: readonly string[] = ["resnet32_cifar", "resnet44_cifar", "resnet56_cifar", "resnet110_cifar"];
