// The same in Chromium: a few cases of every kind, and a compiled function.
import { compile, matmul, sum, tensor, useBackend } from "@stria/core";
import { describe, expect, it } from "vitest";
import { check } from "./support/case.ts";
import { batchNormCases, matmulCases, softmaxCases } from "./support/cases-network.ts";
import { indexingCases } from "./support/cases-indexing.ts";
import { elementwiseCases } from "./support/cases-elementwise.ts";
import { reductionCases, shapeCases } from "./support/cases-shape.ts";
import { convolutionCases, poolingCases } from "./support/cases-window.ts";
import { openOrReason } from "./support/device.ts";
import { Dice } from "./support/value.ts";

const opened = await openOrReason();
const backend = "backend" in opened ? opened.backend : undefined;

describe.skipIf(!backend)(`webgpu in a browser${"reason" in opened ? ` (skipped: ${opened.reason})` : ""}`, () => {
  it("runs every kind of op", async () => {
    if (!backend) return;
    const dice = new Dice(11);
    const all = [
      ...elementwiseCases(dice).filter((_, index) => index % 8 === 0),
      ...[...shapeCases(dice), ...reductionCases(dice)].filter((_, index) => index % 4 === 0),
      ...indexingCases(dice),
      ...matmulCases(dice).slice(0, 4),
      ...convolutionCases(dice, 3),
      ...poolingCases(dice, 3),
      ...softmaxCases(dice).slice(0, 2),
      ...batchNormCases(dice).slice(0, 2),
    ];
    for (const one of all) await check(backend, one);
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  });

  it("runs a compiled function", async () => {
    if (!backend) return;
    await useBackend(backend);
    const f = compile((x: ReturnType<typeof tensor>) => sum(matmul(x, x)));
    expect(
      await f(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).item(),
    ).toBe(54);
  });
});
