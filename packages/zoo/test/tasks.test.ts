// The nets for segmentation, text, sound, films and reconstruction: sizes of PyTorch's, smallest inputs, other options, and what they refuse.
import { ShapeError, evaluating, inferAval } from "@stria/core";
import { type Module, countParameters, summary } from "@stria/layers";
import { describe, expect, it } from "vitest";
import {
  contextModule,
  create,
  fcn,
  modelInfo,
  sppnet,
  textCnn,
  type UNetOptions,
  unet,
  wavenetStack,
} from "../src/index.ts";

function outputOf(model: Module, shape: readonly number[], dtype: "float32" | "int32" = "float32"): readonly number[] {
  return inferAval((x) => evaluating(() => model.forward(x)), { shape, dtype }).shape;
}

/** Name, parameters, multiply-adds (of inputs of the shape told), smallest input; PyTorch's figures. */
const sizes: readonly (readonly [string, number, number, readonly number[]])[] = [
  ["fcn32s", 136_152_917, 181_365_854_976, [3, 1, 1]],
  ["fcn16s", 134_815_994, 181_448_086_272, [3, 1, 1]],
  ["fcn8s", 134_489_759, 181_529_034_048, [3, 1, 1]],
  ["fcn_resnet50", 35_322_218, 142_725_772_800, [3, 1, 1]],
  ["deeplabv3_resnet50", 42_004_074, 168_731_205_888, [3, 1, 1]],
  ["segnet", 29_449_355, 106_712_432_640, [3, 1, 1]],
  ["unet", 31_030_658, 150_428_424_448, [1, 188, 188]],
  ["unet_padded", 31_030_658, 192_384_335_872, [1, 16, 16]],
  ["context_basic", 28_392, 54_190_080, [21, 1, 1]],
  ["context_large", 6_803_139, 3_264_528_960, [21, 1, 1]],
  ["sppnet", 21_866, 1_526_080, [3, 1, 1]],
  ["conv_autoencoder", 2_481, 141_120, [1, 1, 1]],
  ["wavenet_stack", 22_280, 3_415_040, [1, 1]],
  ["tdnn", 515, 6_072, [16, 7]],
  ["text_cnn_rand", 390_902, 6_060_600, [5]],
  ["text_cnn_static", 390_902, 6_060_600, [5]],
  ["text_cnn_non_static", 390_902, 6_060_600, [5]],
  ["text_cnn_multichannel", 420_902, 12_120_600, [5]],
  ["conv_gru", 2_956, 5_264, [1]],
  ["cnn_lstm", 5_549, 363_000, [1, 3, 1, 1]],
];

describe.each(sizes)("%s", (name, parameters, multiplyAdds, minimumInput) => {
  it("has PyTorch's parameters and multiply-adds", async () => {
    const info = await modelInfo(name);
    expect(info).toMatchObject({ name, parameters, multiplyAdds, minimumInput });
    const inputDType = info.vocabulary === undefined ? "float32" : "int32";
    expect(summary(await create(name), info.inputShape, { inputDType })).toMatchObject({ parameters, multiplyAdds });
  });

  it("takes the smallest input", async () => {
    const { vocabulary, numClasses } = await modelInfo(name);
    const model = await create(name);
    const y = outputOf(model, [2, ...minimumInput], vocabulary === undefined ? "float32" : "int32");
    expect(y.slice(0, 2)).toEqual([2, numClasses ?? minimumInput[0]]);
  });

  it("refuses what is smaller or has another number of axes, and says what it takes", async () => {
    const { vocabulary } = await modelInfo(name);
    const [model, dtype] = [await create(name), vocabulary === undefined ? "float32" : "int32"] as const;
    const least = minimumInput.at(-1) ?? 0;
    expect(() => outputOf(model, [2, ...minimumInput.slice(0, -1), least - 1], dtype)).toThrow(
      new RegExp(`Remedy: .*at least ${least}`),
    );
    expect(() => outputOf(model, minimumInput, dtype)).toThrow(ShapeError);
  });
});

it.each(sizes.filter(([, , , minimumInput]) => minimumInput.length > 1))(
  "%s refuses other channels, and says which it takes",
  async (name, _, __, minimumInput) => {
    const model = await create(name);
    const channels = Math.max(0, minimumInput.length - 3);
    const remedy = `Remedy: give .*, ${minimumInput[channels]}, `;
    expect(() => outputOf(model, [2, ...minimumInput.with(channels, 99)])).toThrow(new RegExp(remedy));
  },
);

describe("segmentation", () => {
  it("scores every pixel of images of any size, for any channels and classes", async () => {
    for (const name of ["fcn32s", "fcn16s", "fcn8s", "fcn_resnet50", "deeplabv3_resnet50", "segnet"]) {
      const model = await create(name, { inChannels: 2, numClasses: 4 });
      for (const [height, width] of [
        [1, 2],
        [17, 16],
        [40, 33],
        [131, 226],
      ] as const)
        expect([name, ...outputOf(model, [1, 2, height, width])]).toEqual([name, 1, 4, height, width]);
    }
  });

  it("U-Net says which sizes are too small, with and without padding", () => {
    const scores = (options: UNetOptions, edge: number) => outputOf(unet({ base: 4, ...options }), [1, 1, edge, edge]);
    // 172 can be halved four times, but nothing is left of it at the end.
    expect(() => scores({}, 172)).toThrow("images of 172x172 are too small. Remedy: give at least 188x188");
    expect(() => scores({ padded: true }, 8)).toThrow("images of 8x8 are too small. Remedy: give at least 16x16");
    expect(scores({ padded: true }, 16)).toEqual([1, 2, 16, 16]);
    expect(countParameters(unet({ base: 16, numClasses: 5, inChannels: 3 }))).toBe(1_941_173);
  });

  it("other classes and channels change the parameters as in PyTorch", async () => {
    expect(countParameters(fcn("fcn32s", { numClasses: 60 }))).toBe(149_251_964);
    expect(countParameters(fcn("fcn16s", { numClasses: 60 }))).toBe(138_281_144);
    expect(countParameters(fcn("fcn8s", { numClasses: 60 }))).toBe(135_589_364);
    expect(countParameters(contextModule("context_large", { channels: 5 }))).toBe(386_035);
    expect(countParameters(await create("deeplabv3_resnet50", { numClasses: 4 }))).toBe(41_995_336);
  });
});

it("pyramids and stacks of other sizes have PyTorch's parameters", () => {
  expect(countParameters(sppnet({ levels: [4, 2, 1] }))).toBe(12_586);
  const dilations = Array.from({ length: 30 }, (_, index) => 2 ** (index % 10));
  const speech = wavenetStack({ inChannels: 256, channels: 32, skipChannels: 64, numClasses: 256, dilations });
  expect(countParameters(speech)).toBe(257_056);
  expect(speech.receptiveField).toBe(1 + 1 + 3 * 1023);
  expect(countParameters(textCnn("text_cnn_rand", { vocabulary: 18_765 }))).toBe(5_990_402);
  expect(countParameters(textCnn("text_cnn_multichannel", { vocabulary: 18_765 }))).toBe(11_619_902);
});

it("options that make no net are refused", () => {
  expect(() => sppnet({ levels: [] })).toThrow("there are no levels");
  expect(() => wavenetStack({ dilations: [] })).toThrow("wavenetStack: there are no dilations. Remedy: give at least");
  expect(() => textCnn("text_cnn_rand", { windows: [] })).toThrow("textCnn: there are no windows. Remedy: give at");
  expect(() => textCnn("text_cnn_static", { vectors: new Float32Array(9), vocabulary: 3, dimensions: 4 })).toThrow(
    "textCnn: vectors has 9 numbers. Remedy: give 3 x 4 = 12",
  );
});

it("an autoencoder gives the image's size where it is a multiple of 4, else the next", async () => {
  const model = await create("conv_autoencoder", { inChannels: 3 });
  expect(outputOf(model, [2, 3, 32, 28])).toEqual([2, 3, 32, 28]);
  expect(outputOf(model, [2, 3, 13, 22])).toEqual([2, 3, 16, 24]);
});
