// The table of models in the docs says what the registry says.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { modelTable, readFindings, tablePath } from "../src/golden/model-table.ts";

test("docs/models.md is up to date: node tools/setup.mjs tests/src/golden/model-table.ts", async () => {
  expect(readFileSync(tablePath, "utf8")).toBe(await modelTable(readFindings()));
});
