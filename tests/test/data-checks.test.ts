// The readers of data sets against facts about real files that other programs found.
import { describe, expect, it } from "vitest";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runGoldens } from "../src/golden/run.ts";
import { dataFolder, largeGoldens } from "../src/setting.ts";

const [data, goldens] = [dataFolder(), largeGoldens()];
const here = data !== undefined && goldens !== undefined && existsSync(join(data, "fsdd"));

describe.skipIf(!here)(`data sets${here ? "" : ", left out: they are not here"}`, () => {
  it("are as other programs found them", async () => {
    const found: Record<string, unknown> = {};
    for await (const { id, outcome } of runGoldens(goldens ?? "", { backend: "reference", filter: "data-checks" }))
      found[id] = outcome;
    const names = ["mnist", "cifar10", "fsdd", "text", "digits8x8", "isbi2012", "bccd", "timeseries", "images"];
    expect(found).toEqual(Object.fromEntries(names.map((name) => [`data-checks/${name}`, { status: "passed" }])));
  });
});
