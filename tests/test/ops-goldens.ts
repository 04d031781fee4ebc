// The operator goldens on one executor: one test for each file, which names every case that misses.
import { expect, test } from "vitest";
import { type BackendName, slackOf } from "../src/golden/backends.ts";
import { goldenFiles, readGolden } from "../src/golden/files.ts";
import { pendingCases } from "../src/golden/kinds.ts";
import type { CaseResult } from "../src/golden/outcome.ts";
import { failureLine, unsupportedLines } from "../src/golden/report.ts";
import { knownGaps } from "../src/golden/unsupported-list.ts";
import { ownGoldens } from "../src/setting.ts";
import { onBackend } from "./on-backend.ts";
import { withoutAnswer } from "./without-answer.ts";

const mostGaps = 0.05;

export async function testOpsGoldens(name: BackendName): Promise<void> {
  const gaps = knownGaps(name);
  const context = { slack: slackOf(name), gaps };
  await onBackend(name, () => {
    for (const file of goldenFiles(ownGoldens).filter(({ kind }) => kind === "ops")) {
      test(`cases of ${file.name}`, async () => {
        const results: CaseResult[] = [];
        for (const pending of pendingCases(file, readGolden(file), context))
          results.push({ file: file.name, id: pending.id, outcome: await pending.run() });
        expect(results.flatMap((result) => failureLine(result) ?? [])).toEqual([]);
        const known = new Set(gaps.map(({ cause }) => cause));
        const unanswered = results.filter(
          ({ outcome }) => outcome.status === "unsupported" && !known.has(outcome.what),
        );
        expect(unsupportedLines(unanswered)).toEqual(withoutAnswer[file.name] ?? []);
        const left = results.filter(({ outcome }) => outcome.status === "unsupported").length - unanswered.length;
        expect(left).toBeLessThanOrEqual(mostGaps * results.length);
      });
    }
  });
}
