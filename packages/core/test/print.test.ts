// Graphs as text.
import { beforeAll, expect, it } from "vitest";
import { type Tensor, bernoulli, compile, printGraph, tensor, training, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { everything } from "./support/graphs.ts";

beforeAll(() => useBackend(reference()));

it("says everything once", () => {
  expect(printGraph(everything())).toBe(
    [
      '%0: float32[3] = param "weight"',
      '%5: float32[3] = noise "drop" bernoulli(0.5)',
      "%1: float32[3] = constant [1.5, -0, -Infinity]",
      "%2: int32[2] = constant [-1, 2147483647]",
      "%3: bool[3] = constant [0, 1, 1]",
      "%4: float32[3] = add(%0, %1)  # layer1.0",
      "%6: float32[4] = pad(%4) {padding [[0, 1]], value -Infinity}",
      'return %6 as "padded"',
      "write %4 to %0",
      "",
    ].join("\n"),
  );
});

it("of a trace with noise", () => {
  const graph = training(() => compile((x: Tensor) => x.mul(bernoulli([2], 0.5, "mask"))).graph(tensor([1, 2])));
  expect(printGraph(graph)).toContain('%1: float32[2] = noise "mask/0" bernoulli(0.5)');
});
