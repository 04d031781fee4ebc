// Which algorithms a user lets in: with "direct" no convolution is computed otherwise than it is defined.
import { at, compile, conv, fromHost, grad, type Tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu, explain } from "../../src/index.ts";
import { type Algorithm, algorithmNames, chooseAlgorithm } from "../../src/program/channels-last/algorithms.ts";
import { plainTile } from "../../src/kernels/tile.ts";
import { loadAllParts } from "../../src/parts/index.ts";
import { atOnce } from "../../src/pieces.ts";
import { lower } from "../../src/program/lower.ts";
import { Random } from "../support/random.ts";
import { largestError } from "../support/winograd.ts";

await loadAllParts();

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

/** The kernels of an algorithm, as explain names them. */
const kernelOf: Readonly<Record<Algorithm, (pass: string) => RegExp>> = {
  indirect: (pass) => (pass === "weight gradient" ? /weightGradient/ : /indirect/),
  packed: () => /product/,
  depthwise: () => /depthwise/,
  "winograd-2x2": () => /winograd/,
  "winograd-4x4": () => /winograd/,
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

/** Depthwise, strided, and what Winograd's algorithm can compute. */
const mixed = (x: Tensor, square: Tensor, each: Tensor, strided: Tensor): Tensor =>
  conv(conv(conv(x, square, { padding: 1 }), each, { padding: 1, groups: 32 }), strided, { stride: 2 });
const mixedShapes = [
  [2, 24, 18, 17],
  [32, 24, 3, 3],
  [32, 1, 3, 3],
  [7, 32, 2, 3],
];

test.each([
  ["all", ["winograd-4x4", "depthwise", "indirect"], "rule"],
  ["direct", ["indirect", "depthwise", "indirect"], "rule"],
  ["indirect", ["indirect", "indirect", "indirect"], "force"],
  ["packed", ["packed", "packed", "packed"], "force"],
  ["depthwise", ["winograd-4x4", "depthwise", "indirect"], "force"],
  ["winograd-4x4", ["winograd-4x4", "depthwise", "indirect"], "force"],
  ["winograd-2x2", ["winograd-2x2", "depthwise", "indirect"], "force"],
] as const)("forced %s runs wherever it can, in every pass, and computes the same", async (algorithms, wanted, by) => {
  const made = mixedShapes.map((shape) => fromHost(random.value(shape).data, shape, "float32"));
  const all = (...inputs: Tensor[]): Tensor[] => {
    const f = ([x, a, b, c]: Tensor[]): Tensor => {
      if (!x || !a || !b || !c) throw new RangeError("no input");
      const y = mixed(x, a, b, c);
      return y.mul(y).sum();
    };
    return grad(f)(inputs);
  };
  const answersOn = async (): Promise<Float32Array[]> => {
    const run = compile(all);
    const found = await Promise.all(run(...made).map(async (output) => Float32Array.from(await output.data())));
    run.clear();
    return found;
  };
  await useBackend(reference());
  const right = await answersOn();
  const backend = await useBackend(cpu({ threads: 1, algorithms }));
  const found = await answersOn();
  right.forEach((data, index) => expect(largestError(at(found, index), Float64Array.from(data))).toBeLessThan(1e-4));

  const chosen = (await explain(compile(all), made)).units.flatMap(({ choice, once, algorithm }) =>
    choice && !once ? [{ ...choice, kernels: algorithm }] : [],
  );
  for (const pass of ["forward", "input gradient", "weight gradient"] as const) {
    const used = chosen.filter((choice) => choice.pass === pass);
    // F(2x2) has no gradient by the weight.
    const alike = pass === "weight gradient" ? wanted.map((name) => name.replace("2x2", "4x4")) : wanted;
    expect(new Set(used.map(({ algorithm }) => algorithm))).toEqual(new Set(alike));
    // What is said is what runs.
    for (const { algorithm, kernels } of used) expect(kernels).toMatch(kernelOf[algorithm](pass));
  }
  const reasons = new Map(chosen.map((choice) => [choice.algorithm, choice.by]));
  expect(reasons.get(algorithmNames.find((name) => name === algorithms) ?? "depthwise")).toBe(by);
  backend.dispose();
});

test("predicted times of Winograd's algorithm have its transforms in them, so that what the rule chose is not predicted to be slower", async () => {
  const backend = await cpu({ threads: 1 });
  await useBackend(backend);
  const convolution = compile((x: Tensor, weight: Tensor) => conv(x, weight, { padding: 1 }));
  for (const [channels, side] of [
    [16, 32],
    [64, 28],
  ] as const) {
    const made = [
      [4, channels, side, side],
      [channels, channels, 3, 3],
    ].map((shape) => fromHost(random.value(shape).data, shape, "float32"));
    const { units, machine } = await explain(convolution, [at(made, 0), at(made, 1)]);
    const unit = units.find(({ choice, once }) => choice && !once);
    expect(unit?.choice?.algorithm).toBe("winograd-4x4");
    // 36 products make 16 places of 9 elements each.
    const products = ((unit?.multiplyAdds ?? 0) * 2 * 36) / 144 / machine.gigaflops / 1e6;
    expect(unit?.predicted).toBeGreaterThan(1.1 * products);
    expect(unit?.predicted).toBeLessThan(
      unit?.others.find(({ algorithm }) => algorithm === "indirect")?.predicted ?? 0,
    );
  }
  backend.dispose();
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

test("the gradient by the weight over few pixels packs them; nothing else does", () => {
  const rule = { algorithms: "all", keepsWeights: false } as const;
  const of = (pass: "forward" | "weight gradient", size: number, kernel: number, stride = 1): Algorithm => {
    const places = [Math.ceil(size / stride), Math.ceil(size / stride)];
    const both = (length: number): number[] => [length, length];
    const lengths = { kernel: both(kernel), stride: both(stride), dilation: [1, 1], before: both(kernel >> 1) };
    const g = { batch: 1, channels: 64, outputs: 64, groups: 1, input: both(size), places, ...lengths };
    return chooseAlgorithm(g, pass, rule).algorithm;
  };
  expect([of("weight gradient", 14, 1), of("weight gradient", 28, 1)]).toEqual(["packed", "indirect"]);
  expect([of("weight gradient", 18, 5, 2), of("weight gradient", 28, 5, 2)]).toEqual(["packed", "indirect"]);
  expect([of("weight gradient", 7, 3), of("weight gradient", 14, 3)]).toEqual(["packed", "winograd-4x4"]);
  expect([of("forward", 7, 1), of("forward", 7, 5), of("forward", 7, 3)]).toEqual([
    "indirect",
    "indirect",
    "winograd-4x4",
  ]);
});
