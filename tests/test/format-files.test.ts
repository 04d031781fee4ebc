// Files of other libraries are read to what those libraries read, and hostile ones do no harm: nothing is run, 64 MB and a second at most.
import { describe, expect, test } from "vitest";
import { totalsOf } from "../src/golden/report.ts";
import { runGoldens } from "../src/golden/run.ts";
import type { CaseResult } from "../src/golden/outcome.ts";
import { join } from "node:path";
import { largeGoldens, ownGoldens } from "../src/setting.ts";

async function resultsIn(folder: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for await (const result of runGoldens(join(folder, "formats"), { backend: "reference" })) results.push(result);
  return results;
}

describe("golden/formats", () => {
  test("every file of PyTorch, safetensors, NumPy, Keras and TensorFlow.js, every PNG and JPEG, good and hostile", async () => {
    const results = await resultsIn(ownGoldens);
    expect(results.filter(({ outcome }) => outcome.status !== "passed")).toEqual([]);
    expect(results).toHaveLength(244);
  });

  const large = largeGoldens();
  test.skipIf(large === undefined)("and the large ones, left out where ../shared/golden is missing", async () => {
    const results = await resultsIn(large ?? "");
    expect(results.filter(({ outcome }) => outcome.status !== "passed")).toEqual([]);
    expect(totalsOf(results)).toMatchObject({ passed: 248, failed: 0, unsupported: 0 });
  });
});
