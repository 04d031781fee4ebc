// The examples with which layers are taught: parameters, work and receptive fields, counted and not computed.
import { type Initialiser, type Tensor, at, fromHost, grad, oneHot, ones, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import {
  type AxisWindow,
  Conv1d,
  Conv3d,
  Linear,
  countParameters,
  conv2d,
  dense,
  flatten,
  initialisers,
  maxPool2d,
  receptiveField,
  relu,
  sequential,
  summary,
} from "../src/index.ts";

beforeAll(() => useBackend(reference()));

const refused: Initialiser = () => {
  throw new Error("a parameter got its first value");
};
const counted = { weightInitialiser: refused, biasInitialiser: refused } as const;

describe("parameters", () => {
  it("dense layers on pictures: 30,730,100 weights for 640x480, 314,582,900 for 2048x1536", () => {
    const net = (width: number, height: number, bias: boolean): number =>
      countParameters(
        sequential(
          [
            flatten(),
            dense(100, { bias, ...counted }),
            dense(100, { bias, ...counted }),
            dense(1, { bias, ...counted }),
          ],
          {
            inputShape: [1, height, width],
          },
        ),
      );
    expect(net(640, 480, false)).toBe(30_730_100);
    expect(net(2048, 1536, false)).toBe(314_582_900);
    expect(net(640, 480, true)).toBe(30_730_100 + 201); // a bias for each of the 201 units
  });

  it("a convolution has (K0 K1 Cin + 1) Cout, whatever the size of the picture", () => {
    const sizes = fc.record({
      k0: fc.integer({ min: 1, max: 7 }),
      k1: fc.integer({ min: 1, max: 7 }),
      input: fc.integer({ min: 1, max: 64 }),
      output: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 7, max: 500 }), ({ k0, k1, input, output }, size) => {
        const net = sequential([conv2d(output, [k0, k1], counted)], { inputShape: [input, size, size] });
        expect(countParameters(net)).toBe((k0 * k1 * input + 1) * output);
      }),
    );
    expect(countParameters(new Conv1d(3, 5, 7))).toBe((7 * 3 + 1) * 5);
    expect(countParameters(new Conv3d(3, 5, [3, 3, 2]))).toBe((18 * 3 + 1) * 5);
  });
});

describe("one layer", () => {
  it("ten 5x5 filters on 3x32x32, padding 2: output 10x32x32, 760 parameters, 768,000 multiply-adds", () => {
    const net = sequential([conv2d(10, 5, { stride: 1, padding: 2, ...counted })], { inputShape: [3, 32, 32] });
    const found = summary(net, [3, 32, 32]);
    expect(at(found.rows, 0)).toMatchObject({ outputShape: [10, 32, 32], parameters: 760, multiplyAdds: 768_000 });
    expect(found.parameters).toBe(760);
  });

  it("every size after the first is worked out", () => {
    const net = sequential(
      [
        conv2d(32, 5, { activation: "relu", ...counted }),
        maxPool2d(2),
        conv2d(64, 5, counted),
        relu(),
        maxPool2d(2),
        flatten(),
        dense(1000, counted),
        dense(10, counted),
      ],
      { inputShape: [3, 32, 32] },
    );
    const shapes = summary(net, [3, 32, 32]).rows.map(({ outputShape }) => outputShape?.join("x"));
    expect(shapes).toEqual(["32x28x28", "32x14x14", "64x10x10", "64x10x10", "64x5x5", "1600", "1000", "10"]);
  });
});

describe("efficiency: a 2x1 kernel over a picture of 320x280", () => {
  const [width, height] = [320, 280];

  it("takes 267,960 operations: two products and a sum for each of 319x280 results", () => {
    const net = sequential([conv2d(1, [1, 2], { bias: false, ...counted })], { inputShape: [1, height, width] });
    const row = at(summary(net, [1, height, width]).rows, 0);
    expect(row.outputShape).toEqual([1, 280, 319]);
    const results = 280 * 319;
    expect(2 * row.multiplyAdds - results).toBe(267_960); // the first product of each is added to nothing
    expect(row.parameters).toBe(2);
  });

  it("takes more than 16 thousand million as a dense matrix", () => {
    const matrix = new Linear(width * height, 319 * 280, { bias: false, ...counted });
    const row = at(summary(matrix, [width * height]).rows, 0);
    expect(row.parameters).toBe(8_003_072_000);
    expect(2 * row.multiplyAdds).toBeGreaterThan(16e9);
  });
});

describe("receptive fields", () => {
  const pick = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
  const stacks = fc.array(fc.record({ kernel: pick(4), stride: pick(3), dilation: pick(3), padding: fc.nat(2) }), {
    minLength: 1,
    maxLength: 4,
  });
  const layersOf = (windows: readonly AxisWindow[], options: object = {}): Conv1d[] =>
    windows.map(
      ({ kernel, padding = 0, ...rest }) =>
        new Conv1d(1, 1, kernel, { ...rest, padding: [[padding, padding]], ...options }),
    );

  it("L layers of K see 1 + L (K - 1)", () => {
    for (const [layers, kernel] of [
      [1, 3],
      [3, 3],
      [2, 5],
      [10, 3],
      [5, 7],
    ] as const)
      // prettier-ignore
      expect(receptiveField(Array.from({ length: layers }, () => ({ kernel }))).field).toBe(1 + layers * (kernel - 1));
  });

  it("dilations that double see exponentially much: 1, 2, 4, ..., 512 with kernels of 2 see 1024", () => {
    const stack = Array.from({ length: 10 }, (_, layer) => ({ kernel: 2, dilation: 2 ** layer }));
    expect(receptiveField(stack)).toEqual({ field: 1024, jump: 1, start: 0 });
  });

  it("three layers of 3x3 with stride 2 and padding 1: 15 wide, 8 apart, from -7", () => {
    expect(receptiveField([1, 2, 3].map(() => ({ kernel: 3, stride: 2, padding: 1 })))).toEqual({
      field: 15,
      jump: 8,
      start: -7,
    });
  });

  it("with strides, dilations and padding as the summary of the model has them", () => {
    fc.assert(
      fc.property(stacks, (windows) => {
        const length = receptiveField(windows).field + 8; // so that the last kernel fits
        const net = sequential(layersOf(windows), { inputShape: [1, length] });
        expect(summary(net, [1, length]).rows.at(-1)?.receptiveField).toEqual([receptiveField(windows)]);
      }),
    );
  });

  it("are where the gradient of a unit is", async () => {
    await fc.assert(
      fc.asyncProperty(stacks, async (windows) => {
        const net = sequential(layersOf(windows, { weightInitialiser: initialisers.ones, bias: false }));
        const { field, jump, start } = receptiveField(windows);
        const unit = 2 + Math.ceil(-start / jump);
        const length = start + unit * jump + field + 8; // so that the unit is there, and all that it sees
        const of = (x: Tensor): Tensor => {
          const y = net.forward(x);
          return y
            .reshape([at(y.shape, 2)])
            .mul(oneHot(fromHost(Int32Array.of(unit), [], "int32"), at(y.shape, 2)))
            .sum();
        };
        const seen = [...(await grad(of)(ones([1, 1, length])).data()).entries()].filter(([, value]) => value !== 0);
        const first = start + unit * jump;
        expect([seen[0]?.[0], seen.at(-1)?.[0]]).toEqual([first, first + field - 1]);
      }),
      { numRuns: 30 },
    );
  });

  test.each<[string, AxisWindow, RegExp]>([
    ["a kernel of 0", { kernel: 0 }, /receptiveField: kernel is 0/],
    ["a stride that is no whole number", { kernel: 3, stride: 1.5 }, /stride is 1.5/],
    ["a dilation of 0", { kernel: 3, dilation: 0 }, /dilation is 0/],
    ["a negative padding", { kernel: 3, padding: -1 }, /padding is -1/],
  ])("refuses %s", (_, window, message) => {
    expect(() => receptiveField([window])).toThrow(message);
  });
});
