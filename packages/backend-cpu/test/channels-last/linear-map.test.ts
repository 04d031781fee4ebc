// Small matrices as additions and multiplications, and the matrices of Winograd's algorithms.
import { at } from "@stria/core";
import { describe, expect, it } from "vitest";
import { LinearEmitter, planLinearMap } from "../../src/kernels/channels-last/linear-map.ts";
import {
  cookToom,
  f2x3,
  f3x4,
  f4x3,
  type Matrix,
  type WinogradMatrices,
} from "../../src/kernels/channels-last/winograd-matrices.ts";
import { ModuleBuilder } from "../../src/wasm/assembler.ts";
import { instantiate } from "../../src/wasm/instance.ts";
import { Random } from "../support/random.ts";

function product(matrix: Matrix, vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, factor, index) => sum + factor * at(vector, index), 0));
}

/** The product as the emitted code computes it, in lane 2. */
function emitted(matrix: Matrix, vector: readonly number[], fused: boolean): number[] {
  const module = new ModuleBuilder({ shared: false });
  module.function("run", [], [], (f) => {
    const emitter = new LinearEmitter(f, planLinearMap(matrix), fused);
    emitter.inputs.forEach((input, index) =>
      f
        .i32(index * 16)
        .memory("v128.load")
        .set(input),
    );
    emitter.run((row, push) => {
      f.i32(4096 + row * 16);
      push();
      f.memory("v128.store");
    });
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const words = new Float32Array(memory.buffer);
  vector.forEach((value, index) => (words[index * 4 + 2] = value));
  instantiate(module.encode(), { memory }).function("run")();
  return matrix.map((_, row) => at(words, 1024 + row * 4 + 2));
}

const generator = new Random(11);
const random = (): number => 2 * generator.next() - 1;
const matrices: (readonly [string, Matrix])[] = [
  ...Object.entries({ f2x3, f4x3, f3x4 }).flatMap(([name, { input, kernel, output }]) => [
    [`${name} input`, input] as const,
    [`${name} kernel`, kernel] as const,
    [`${name} output`, output] as const,
  ]),
  ["one number", [[-3]]],
  ["the opposite", [[0, -1]]],
  [
    "mirrored rows and columns",
    [
      [1, 2, 2],
      [1, -2, -2],
      [4, 1, -1],
    ],
  ],
  ...Array.from({ length: 20 }, (_, index): readonly [string, Matrix] => [
    `random ${index}`,
    Array.from({ length: 1 + (index % 5) }, () => [
      1,
      ...Array.from({ length: index % 6 }, () => Math.round(random() * 4)),
    ]),
  ]),
];

describe("a matrix as additions and multiplications", () => {
  it.each(matrices)("is the same matrix: %s", (_, matrix) => {
    const vector = at(matrix, 0).map(() => random());
    for (const fused of [false, true])
      emitted(matrix, vector, fused).forEach((value, row) =>
        expect(value).toBeCloseTo(at(product(matrix, vector), row), 4),
      );
  });

  // 6 x 6 numbers, of which 22 are not 0: 22 multiply-adds without what is common.
  it.each([
    ["f4x3 input", f4x3.input, 12],
    ["f4x3 output", f4x3.output, 12],
    ["f4x3 kernel", f4x3.kernel, 9],
    ["f3x4 output", f3x4.output, 10],
    ["f2x3 input", f2x3.input, 4],
    ["f2x3 output", f2x3.output, 4],
  ])("costs no more operations than by hand: %s", (_, matrix, operations) => {
    expect(planLinearMap(matrix).steps.length).toBeLessThanOrEqual(operations);
  });
});

describe("minimal filtering", () => {
  const correlate = (taps: readonly number[], data: readonly number[], outputs: number): number[] =>
    Array.from({ length: outputs }, (_, place) => taps.reduce((sum, tap, k) => sum + tap * at(data, place + k), 0));

  it.each<readonly [string, WinogradMatrices]>([
    ["F(2, 3)", f2x3],
    ["F(4, 3)", f4x3],
    ["F(3, 4)", f3x4],
    ["F(3, 2)", cookToom(3, 2, [0, 1, -1])],
  ])("gives what a filter gives: %s", (_, { outputs, taps, products, input, kernel, output }) => {
    expect(products).toBe(outputs + taps - 1);
    const [data, filter] = [input.map(() => random()), Array.from({ length: taps }, () => random())];
    const [d, g] = [product(input, data), product(kernel, filter)];
    const found = product(
      output,
      d.map((value, index) => value * at(g, index)),
    );
    correlate(filter, data, outputs).forEach((wanted, index) => expect(at(found, index)).toBeCloseTo(wanted, 12));
  });

  it("has the matrices of F(2, 3) that Lavin and Gray print, but for signs", () => {
    expect(f2x3.output).toEqual([
      [1, 1, 1, 0],
      [0, 1, -1, 1],
    ]);
    expect(f2x3.kernel.map((row) => row.map(Math.abs))).toEqual([
      [1, 0, 0],
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0.5],
      [0, 0, 1],
    ]);
  });
});
