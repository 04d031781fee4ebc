// Which algorithms a user lets in: with "direct" no convolution is computed otherwise than it is defined.
import { at, compile, conv, fromHost, grad, type Tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../../src/index.ts";
import { plainTile } from "../../src/kernels/tile.ts";
import { atOnce } from "../../src/pieces.ts";
import { lower } from "../../src/program/lower.ts";
import { Random } from "../support/random.ts";
import { largestError } from "../support/winograd.ts";

/** Two convolutions, of which Winograd's algorithm can compute all passes. */
const network = (x: Tensor, first: Tensor, second: Tensor): Tensor =>
  conv(conv(x, first, { padding: 1 }), second, {
    padding: [
      [0, 2],
      [1, 0],
    ],
  });
const shapes = [
  [2, 24, 18, 17],
  [32, 24, 3, 3],
  [24, 32, 3, 3],
];
const random = new Random(5);
const numbers = shapes.map((shape) => random.value(shape).data);

function tensors(): Tensor[] {
  return shapes.map((shape, index) => fromHost(at(numbers, index), shape, "float32"));
}

/** The result and its gradients. */
const everything = (...inputs: Tensor[]): Tensor[] => {
  const [x, first, second] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
  const square = (list: Tensor[]): Tensor => {
    const y = network(at(list, 0), at(list, 1), at(list, 2));
    return y.mul(y).sum();
  };
  return [network(x, first, second), ...grad(square)(inputs)];
};

test("Winograd's algorithm is used where it may be, for all passes", async () => {
  await useBackend(reference());
  const graph = compile(everything).graph(...tensors());
  const kernels = (algorithms: "all" | "direct"): string[] =>
    atOnce(lower(graph, { tile: plainTile, threads: 1, layout: "channels-last", algorithms })).builder.steps.map(
      ({ kernel }) => kernel.key,
    );
  expect(kernels("direct").filter((key) => key.startsWith("winograd"))).toEqual([]);
  const used = kernels("all").filter((key) => key.startsWith("winograd"));
  expect(used.filter((key) => key.startsWith("winograd weight gradient"))).toHaveLength(2);
  expect(used.filter((key) => /^winograd \d/.test(key))).toHaveLength(4); // forward, and the gradients by the inputs
});

test("a network's values and gradients are the same with either, but for rounding", async () => {
  const answers: Float32Array[][] = [];
  for (const algorithms of ["all", "direct"] as const) {
    const backend = await cpu({ layout: "channels-last", algorithms, threads: 1, deterministic: true });
    await useBackend(backend);
    const run = compile(everything);
    answers.push(await Promise.all(run(...tensors()).map(async (output) => Float32Array.from(await output.data()))));
    run.clear();
    backend.dispose();
  }
  const [all = [], direct = []] = answers;
  expect(all).toHaveLength(4);
  all.forEach((data, index) => {
    expect(largestError(data, Float64Array.from(at(direct, index)))).toBeLessThan(1e-4);
    expect(data).not.toEqual(at(direct, index)); // it was another algorithm
  });
});
