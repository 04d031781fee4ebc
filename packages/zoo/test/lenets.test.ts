// The LeNets of 1989 to 1998 against their papers, and the loss of equation 9 against PyTorch. Values: the golden models.
import {
  AttributeError,
  ShapeError,
  type Tensor,
  evaluating,
  grad,
  inferAval,
  pad,
  setSeed,
  tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { type Module, countParameters, stateDict, summary } from "@stria/layers";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGradient, expectSecondGradient } from "../../core/test/support/differences.ts";
import { create, lenet1, lenet1989, lenet5Original, modelInfo, rbfMapLoss } from "../src/index.ts";

beforeAll(() => useBackend(reference()));

function outputOf(model: Module, shape: readonly number[]): readonly number[] {
  return inferAval((x) => evaluating(() => model.forward(x)), { shape, dtype: "float32" }).shape;
}

/** Name, parameters, multiply-adds, least and largest height and width. */
const sizes = [
  ["lenet_1989", 9760, 63_660, 15, 16],
  ["lenet1_1990", 2578, 91_520, 28, 31],
  ["lenet5_1998", 60_000, 325_680, 32, 35],
] as const;

describe.each(sizes)("%s", (name, parameters, multiplyAdds, least, largest) => {
  it("has the paper's parameters", async () => {
    const info = await modelInfo(name);
    expect(info).toMatchObject({ name, parameters, multiplyAdds });
    expect(summary(await create(name), info.inputShape)).toMatchObject({ parameters, multiplyAdds });
  });

  it("takes other channels and classes, and the images whose last maps fit", async () => {
    const model = await create(name, { inChannels: 2, numClasses: 14 });
    expect(outputOf(model, [3, 2, least, largest])).toEqual([3, 14]);
    expect(() => outputOf(model, [3, 1, least, least])).toThrow("give images [N, 2, height, width]");
    expect(() => outputOf(model, [2, least, least])).toThrow(ShapeError);
    expect(() => outputOf(model, [3, 2, least, least - 1])).toThrow(`give at least ${least}x${least}`);
    expect(() => outputOf(model, [3, 2, largest + 1, largest])).toThrow(
      `images of ${largest + 1}x${largest} are too large: the dense layers take maps of one size. Remedy: give ${least}x${least} to ${largest}x${largest}`,
    );
  });
});

it("biases of 1989 belong to units, those of 1990 and 1998 to maps", () => {
  const shapes = (model: Module, paths: readonly string[]) => paths.map((path) => stateDict(model).get(path)?.shape);
  expect(shapes(lenet1989(), ["h1_bias", "h2_bias", "h1.bias"])).toEqual([[12, 8, 8], [12, 4, 4], undefined]);
  expect(shapes(lenet1(), ["h1.bias", "h2.weight", "h3.maps.1.bias"])).toEqual([[4], [4], [1]]);
});

describe("lenet5Original", () => {
  it("has the parameters of each layer that the paper counts", () => {
    const { c1, s2, c3, s4, c5, f6, rbf } = lenet5Original();
    expect([c1, s2, c3, s4, c5, f6, rbf].map((layer) => countParameters(layer))).toEqual([
      156, 12, 1516, 32, 48_120, 10_164, 0,
    ]);
  });

  it("reads MNIST's 28x28 as the same image on a larger background", async () => {
    const model = lenet5Original();
    const small = tensor(
      Float32Array.from({ length: 784 }, (_, index) => Math.sin(index)),
      { shape: [1, 1, 28, 28] },
    );
    const border = [2, 2] as const;
    const large = pad(small, [[0, 0], [0, 0], border, border], -0.1);
    expect(await model.forward(small).array()).toEqual(await model.forward(large).array());
  });

  const codesOf = async (numClasses: number): Promise<readonly (readonly number[])[]> => {
    const model = lenet5Original({ numClasses });
    stateDict(model); // the walk names the cells, and the names choose their random streams
    const flat = await model.rbf.centers.value.data();
    return Array.from({ length: numClasses }, (_, index) => Array.from(flat.subarray(84 * index, 84 * (index + 1))));
  };

  it("has a code of +1 and -1 for each digit, no two alike, the first ones for fewer classes", async () => {
    const codes = await codesOf(10);
    expect(new Set(codes.flat())).toEqual(new Set([1, -1]));
    for (const [index, code] of codes.entries())
      for (const other of codes.slice(index + 1))
        expect(code.filter((pixel, place) => pixel !== other[place]).length).toBeGreaterThanOrEqual(5);
    expect(await codesOf(3)).toEqual(codes.slice(0, 3));
  });

  it("draws the codes of further classes by lot, from the seed", async () => {
    setSeed(4);
    const codes = await codesOf(12);
    expect(codes.slice(0, 10)).toEqual(await codesOf(10));
    expect(new Set(codes.flat())).toEqual(new Set([1, -1]));
    expect(codes[10]).not.toEqual(codes[11]);
    expect(await codesOf(12)).toEqual(codes);
    setSeed(5);
    expect(await codesOf(12)).not.toEqual(codes);
  });

  it("gives the distance 0 to the code that F6 says, and no gradient to the codes", async () => {
    const { rbf } = lenet5Original();
    const [, one] = await codesOf(10);
    const distances = await rbf.forward(tensor(Float32Array.from(one ?? []), { shape: [1, 84] })).data();
    expect(distances[1]).toBe(0);
    expect(distances[0]).toBeGreaterThan(0);
  });

  it("refuses a number of classes that is none", () => {
    for (const numClasses of [0, 1.5, Number.NaN])
      expect(() => lenet5Original({ numClasses })).toThrow(/^lenet5Original: numClasses is .*whole number >= 1/);
  });
});

describe("rbfMapLoss", () => {
  const labels = (...values: number[]): Tensor => tensor(Int32Array.from(values));
  const distances = (...rows: number[][]): Tensor => tensor(rows);

  it.each([
    [0.1, 1.372207679112313, [0.3191512939166443, -0.040352800751015466, -0.009003926894011765]],
    [2, 0.8327227579854337, [0.1657859879383446, -0.07457322603516642, -0.01663953586801174]],
  ])("with j = %f is PyTorch's, with its gradient", async (j, value, gradient) => {
    const y = distances([0.5, 2, 3.5], [4, 0.25, 1]);
    const loss = (x: Tensor): Tensor => rbfMapLoss(x, labels(0, 2), { j });
    expect(await loss(y).item()).toBeCloseTo(value, 6);
    const found = await grad(loss)(y).data();
    for (const [index, expected] of gradient.entries()) expect(found[index]).toBeCloseTo(expected, 6);
  });

  it("has 0.1 for j, and takes distances whose exponentials are 0", async () => {
    expect(await rbfMapLoss(distances([0.5, 2, 3.5], [4, 0.25, 1]), labels(0, 2)).item()).toBeCloseTo(1.3722077, 6);
    const far = distances([200, 150, 400], [1000, 1500, 2000]);
    expect(await rbfMapLoss(far, labels(0, 2)).item()).toBeCloseTo(1099.9, 3);
    const slopes = await grad((x) => rbfMapLoss(x, labels(0, 2)))(far).data();
    expect(Array.from(slopes, (slope) => slope + 0)).toEqual([0.5, 0, 0, 0, 0, 0.5]);
    expect(await rbfMapLoss(far, labels(0, 2), { reduction: "none" }).array()).toEqual([
      199.89999389648438, 1999.9000244140625,
    ]);
  });

  it("has the gradients of finite differences", async () => {
    const y = distances([0.5, 2, 3.5, 1], [4, 0.25, 1, 0.75]);
    await expect(expectGradient((x) => rbfMapLoss(x, labels(3, 1)), [y])).resolves.toBeUndefined();
    await expect(expectSecondGradient((x) => rbfMapLoss(x, labels(3, 1)), [y])).resolves.toBeUndefined();
  });

  it("refuses what does not fit", () => {
    const y = distances([0.5, 2, 3.5], [4, 0.25, 1]);
    expect(() => rbfMapLoss(y, labels(0, 3))).toThrow("rbfMapLoss: label 3 is not one of 3 classes");
    expect(() => rbfMapLoss(y, labels(0, 4))).toThrow(AttributeError);
    expect(() => rbfMapLoss(tensor([1, 2]), labels(0))).toThrow(
      "rbfMapLoss: the distances are [2]. Remedy: give [N, classes]",
    );
    for (const j of [0, -1, Number.NaN])
      expect(() => rbfMapLoss(y, labels(0, 1), { j })).toThrow(/j is .*number above 0/);
  });
});
