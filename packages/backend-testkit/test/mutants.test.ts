// The kit finds faults: every mutant is caught, by the check that is there for it.
import { expect, test } from "vitest";
import { checkBackend } from "../src/index.ts";
import { indexingMutants } from "./support/indexing-mutants.ts";
import { kernelMutants } from "./support/kernel-mutants.ts";
import { backendOf } from "./support/mutate.ts";
import { lifeMutants } from "./support/life-mutants.ts";
import { overlapMutants } from "./support/overlap-mutants.ts";

const mutants = {
  ...lifeMutants,
  ...overlapMutants,
  ...Object.fromEntries(
    Object.entries({ ...kernelMutants, ...indexingMutants }).map(([name, [table, check]]) => [
      name,
      [() => backendOf(table), check] as const,
    ]),
  ),
};

test("there are enough of them", () => {
  expect(Object.keys(mutants).length).toBeGreaterThanOrEqual(20);
});

test.each(Object.entries(mutants))("caught: %s", async (_, [factory, filter]) => {
  const { failed, checks } = await checkBackend(factory, { filter });
  expect(checks.length).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(0);
});
