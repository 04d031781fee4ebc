// The generated tables are what the folder of the ops says.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { opTables, tablePath } from "../../../tools/generate-op-tables.ts";
import { allOps } from "../src/all-ops.ts";
import { requiredOps } from "../src/index.ts";
import { references } from "../src/reference/index.ts";

it.each([...opTables()])("%s is up to date", (name, text) => {
  expect(readFileSync(tablePath(name), "utf8"), "run node tools/setup.mjs tools/generate-op-tables.ts").toBe(text);
});

it("every op but those of traces has a reference; every required one is there", () => {
  const lacking = Object.keys(allOps).filter((name) => !Object.hasOwn(references, name));
  expect(lacking).toEqual(["identity", "stopGradient"]);
  expect(Object.keys(references).filter((name) => !Object.hasOwn(allOps, name))).toEqual([]);
  expect(requiredOps.filter((name) => !Object.hasOwn(allOps, name))).toEqual([]);
});
