// The scores of the ISBI challenge against formulas checked with scikit-learn and scikit-image.
import { cellScores, labelCells } from "@stria/training";
import { describe, expect, it } from "vitest";
import { excess, visionCases } from "../src/golden/vision-case.ts";
import { largeGoldens } from "../src/setting.ts";

const folder = largeGoldens();
const cases = (folder === undefined ? [] : visionCases(folder, "vision-metrics")).filter(
  ({ call }) => call === "metrics.isbi_rand",
);

describe.skipIf(folder === undefined)("left out where ../shared is missing:", () => {
  it("there are cases", () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases.map((of) => ({ id: of.id, of })))("$id", ({ of }) => {
    const [height = 0, width = 0] = of.input("target").shape;
    const cellsOf = (name: string): Int32Array => labelCells(of.input(name).data, { height, width });
    const [predicted, truth] = [cellsOf("predicted"), cellsOf("target")];
    expect([...predicted]).toEqual([...of.expected("predictedCells").data]);
    expect([...truth]).toEqual([...of.expected("trueCells").data]);
    const scores = Object.entries(cellScores(predicted, truth));
    expect(scores).toHaveLength(8);
    expect(scores.filter(([name, score]) => excess([score], of.expected(name), of) > 0)).toEqual([]);
  });
});
