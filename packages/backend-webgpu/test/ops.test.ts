// Every op on random shapes and attributes, on the software adapter of Node.
import { requiredOps } from "@stria/core";
import { afterAll, describe, expect, it } from "vitest";
import { type Case, check } from "./support/case.ts";
import { batchNormCases, matmulCases, softmaxCases } from "./support/cases-network.ts";
import { elementwiseCases } from "./support/cases-elementwise.ts";
import { reductionCases, shapeCases } from "./support/cases-shape.ts";
import { convolutionCases, poolingCases } from "./support/cases-window.ts";
import { openOrReason } from "./support/device.ts";
import { Dice } from "./support/value.ts";

const opened = await openOrReason();
const backend = "backend" in opened ? opened.backend : undefined;
const dice = new Dice(1);
const cases = [
  ...elementwiseCases(dice),
  ...shapeCases(dice),
  ...reductionCases(dice),
  ...matmulCases(dice),
  ...convolutionCases(dice, 24),
  ...poolingCases(dice, 15),
  ...softmaxCases(dice),
  ...batchNormCases(dice),
];
const byOp = new Map<string, Case[]>();
for (const one of cases) byOp.set(one.op, [...(byOp.get(one.op) ?? []), one]);

afterAll(() => backend?.dispose());

it("the table of cases has every required op", () => {
  expect(requiredOps.filter((op) => !byOp.has(op))).toEqual([]);
});

describe.skipIf(!backend)(`webgpu${"reason" in opened ? ` (skipped: ${opened.reason})` : ""}`, () => {
  for (const [op, some] of byOp)
    it(`${op}: ${some.length} cases`, async () => {
      if (!backend) return;
      for (const one of some) await check(backend, one);
      expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
    });
});
