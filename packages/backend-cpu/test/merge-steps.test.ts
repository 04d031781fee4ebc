// Small elementwise steps of one kind are done together, and nothing is done before what it needs.
import { add, at, compile, fromHost, mul, sub, sum, type Tensor, useBackend } from "@stria/core";
import { legalise } from "@stria/core/backends";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { plainTile } from "../src/kernels/tile.ts";
import type { Kernel } from "../src/kernels/kernel.ts";
import { atOnce } from "../src/pieces.ts";
import { lower } from "../src/program/lower.ts";
import { mergeSteps } from "../src/program/merge-steps.ts";
import type { Step } from "../src/program/steps.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

const sizes = [2, 3, 4, 5, 17, 64, 130, 1000, 30_000];

/** Descent with momentum for a list of parameters: [parameters, velocities, gradients] in, [parameters, velocities] out. */
function update(...inputs: Tensor[]): Tensor[] {
  const count = sizes.length;
  const velocities = sizes.map((_, k) => add(mul(at(inputs, count + k), 0.9), at(inputs, 2 * count + k)));
  return [...velocities.map((velocity, k) => sub(at(inputs, k), mul(velocity, 0.1))), ...velocities];
}

function given(): Tensor[] {
  return Array.from({ length: 3 * sizes.length }, (_, k) => {
    const length = at(sizes, k % sizes.length);
    return fromHost(new Random(k).value([length]).data, [length], "float32");
  });
}

test("an update of many parameters is one step, on any number of threads", async () => {
  const answers: Float32Array[][] = [];
  for (const backend of [reference(), cpu({ threads: 1 }), cpu({ threads: 3 })]) {
    const current = await useBackend(backend);
    const f = compile(update);
    answers.push(await Promise.all(f(...given()).map(async (output) => Float32Array.from(await output.data()))));
    if (answers.length === 1) continue;
    const { graph } = legalise(f.graph(...given()), (node) => current.supports(node), "backend-cpu");
    const { builder } = atOnce(
      lower(graph, { tile: plainTile, threads: 1, layout: "row-major", algorithms: "direct" }),
    );
    // The largest is divided into parts: 7500 vectors, 2048 in a part.
    expect(builder.steps.map(({ kernel, units }) => [kernel.key.split(" ", 1)[0], units])).toEqual([
      ["segments", sizes.length - 1 + 4],
    ]);
  }
  const [wanted = [], alone = [], shared] = answers;
  expect(alone).toEqual(shared);
  wanted.forEach((output, index) => expect(difference(at(alone, index), output, { relative: 1e-6 })).toBeUndefined());
});

test("small steps between sums come in the order in which they need each other", async () => {
  const chain = (x: Tensor): Tensor[] => {
    let value = x;
    const made: Tensor[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const scaled = mul(value, 0.5);
      made.push(scaled);
      value = sub(scaled, sum(mul(scaled, 0.25), 0, { keepDims: true }));
    }
    return made;
  };
  const answers: Float32Array[][] = [];
  for (const backend of [reference(), cpu({ threads: 3 })]) {
    await useBackend(backend);
    const outputs = compile(chain)(fromHost(new Random(1).value([24]).data, [24], "float32"));
    answers.push(await Promise.all(outputs.map(async (output) => Float32Array.from(await output.data()))));
  }
  const [wanted = [], found = []] = answers;
  wanted.forEach((output, index) => expect(difference(at(found, index), output, { relative: 1e-5 })).toBeUndefined());
});

const kernel = (key: string): Kernel => ({ key, emit: () => {} });

function small(key: string, reads: number[], writes: number[]): Step {
  const segment = { kernel: kernel(key), parts: [[reads.length]], cost: 1, isLarge: false };
  const inPlace = [[at(reads, 0), at(writes, 0)]] as const;
  return {
    kernel: kernel("map"),
    arguments: [],
    units: 1,
    grain: 1,
    scratchBytes: 0,
    reads,
    writes,
    inPlace,
    nodes: [],
    segment,
  };
}

test("steps wait until one needs them, and no longer", () => {
  const large: Step = { ...small("", [1], [9]), kernel: kernel("large") };
  const { segment: _, ...kept } = large;
  const steps = [small("a", [0], [1]), small("a", [2], [3]), small("b", [4], [5]), kept, small("a", [6], [7])];
  const merged = mergeSteps(steps, 1);
  // Both first ones before the large one, which reads what one of them writes.
  expect(merged.map((step) => [step.kernel.key, step.writes])).toEqual([
    ["a", [1, 3]],
    ["large", [9]],
    ["map", [5]],
    ["map", [7]],
  ]);
  // What two of them read is overwritten by neither.
  expect(at(mergeSteps([small("a", [0], [1]), small("a", [0], [2])], 1), 0).inPlace).toEqual([]);
  expect(at(mergeSteps([small("a", [0], [1]), small("a", [3], [2])], 1), 0).inPlace).toEqual([
    [0, 1],
    [3, 2],
  ]);
});

test("a large step waits where all that it writes is a result, and brings all its parts", () => {
  const large = (step: Step): Step =>
    step.segment ? { ...step, segment: { ...step.segment, isLarge: true, parts: [[7], [8]] } } : step;
  const steps = [large(small("a", [0], [1])), small("b", [2], [3]), small("a", [4], [5])];
  const kinds = (results: readonly number[]): unknown[] =>
    mergeSteps(steps, 1, new Set(results)).map(({ kernel: { key }, arguments: words, units }) => [key, words, units]);
  expect(kinds([])).toEqual([
    ["map", [], 1],
    ["map", [], 1],
    ["map", [], 1],
  ]);
  expect(kinds([1])).toEqual([
    ["a", [7, 8, 1], 3],
    ["map", [], 1],
  ]);
});
