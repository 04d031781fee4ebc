// What every model says of inputs that do not fit, and that it takes the smallest that the registry names.
import { type Shape, ShapeError, type Tensor, at, evaluating, inferAval, isTensor } from "@stria/core";
import type { Module } from "@stria/layers";
import { describe, expect, it, test } from "vitest";
import { create, lenet5, lenet5Original, listModels, modelInfo } from "../src/index.ts";

function firstTensor(output: unknown): Tensor {
  if (isTensor(output)) return output;
  const first: unknown = typeof output === "object" && output !== null ? Object.values(output)[0] : undefined;
  if (!isTensor(first)) throw new Error("the model gives no tensor");
  return first;
}

/** The shape of what a model makes of one input; of several results, of the first. */
function outputShape(model: Module<[Tensor], unknown>, shape: Shape, dtype: "float32" | "int32" = "float32"): Shape {
  return inferAval((x) => evaluating(() => firstTensor(model.forward(x))), { shape: [1, ...shape], dtype }).shape;
}

function thrownBy(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Models that differ from others of the list in depth and width alone: they would take long. */
const larger = /_b[2-7]$|regnet_._(3|8|16|32)|vgg1[369]|densenet1[69]|densenet201|convnext_[sbl]|101|152|wide_resnet/;

describe.each(listModels().filter((name) => !larger.test(name)))("%s", (name) => {
  it("takes the smallest input and refuses what is smaller, has other channels or another rank", async () => {
    const { minimumInput, inputShape, vocabulary } = await modelInfo(name);
    const model = await create(name);
    const dtype = vocabulary === undefined ? "float32" : "int32";
    const of = (shape: Shape) => (): Shape => outputShape(model, shape, dtype);
    expect(of(minimumInput)).not.toThrow();
    const wrong = [
      ...minimumInput.map((length, axis) => minimumInput.with(axis, length - 1)),
      [...inputShape, 2],
      inputShape.slice(1),
    ];
    for (const shape of wrong) {
      const error = thrownBy(of(shape));
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ place: undefined }); // the model itself says it, not a layer of it
    }
  });
});

test.each([
  ["lenet5", lenet5, 32, 35],
  ["lenet5Original", lenet5Original, 32, 35],
] as const)("%s names the sizes that it takes", (name, make, least, most) => {
  const model = make();
  const of = (size: number) => (): Shape => outputShape(model, [1, size, size]);
  for (const size of [28, least, most]) expect(at(of(size)(), 1)).toBe(10);
  expect(of(27)).toThrow(
    `${name}: images of 27x27 are too small. Remedy: give at least 32x32, or 28x28, which get a border.`,
  );
  expect(of(64)).toThrow(
    `${name}: images of 64x64 are too large: the dense layers take maps of one size. Remedy: give 32x32 to 35x35, or 28x28`,
  );
});
