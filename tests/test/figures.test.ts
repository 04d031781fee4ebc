// Goldens that hold figures: optimizers, schedules, initialisers.
import { expect, test } from "vitest";
import type { CaseResult } from "../src/golden/outcome.ts";
import { failureLine, unsupportedLines } from "../src/golden/report.ts";
import { runGoldens } from "../src/golden/run.ts";
import { ownGoldens } from "../src/setting.ts";
import { withoutAnswer } from "./without-answer.ts";

test.each(["optimizers.json", "schedules.json", "init.json"])("%s", async (file) => {
  const results: CaseResult[] = [];
  for await (const result of runGoldens(ownGoldens, { backend: "reference", filter: file })) results.push(result);
  expect(results.flatMap((result) => failureLine(result) ?? [])).toEqual([]);
  expect(unsupportedLines(results)).toEqual(withoutAnswer[file] ?? []);
});
