// The segmentation's example, shortened: cells that it draws.
import { expect, it } from "vitest";
import { runExample } from "./run-example.ts";

it("scores the membranes, and paints two slices in three pictures each", async () => {
  const { text, drawn } = await runExample("segmentation");
  const [, error = "", rand = ""] =
    /pixel error ([\d.]+) %, Rand score of the thinned membranes ([\d.]+)/.exec(text) ?? [];
  expect(Number(error)).toBeLessThan(100);
  expect(Number(rand)).toBeGreaterThan(0);
  expect(Number(rand)).toBeLessThanOrEqual(1);
  expect(drawn("segmentation.svg").match(/<image /g)).toHaveLength(6);
});
