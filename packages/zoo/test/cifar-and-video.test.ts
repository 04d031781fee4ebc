// Residual networks for CIFAR and networks for video: sizes against the papers and torchvision, options, what they refuse, published weights.
import { AttributeError, ShapeError, evaluating, inferAval } from "@stria/core";
import { type Module, countParameters, summary } from "@stria/layers";
import { describe, expect, it } from "vitest";
import { c3d, cifarResNet, cifarWideResNet, create, modelInfo, preActResNet, videoResNet } from "../src/index.ts";

function logitsOf(model: Module, shape: readonly number[]): readonly number[] {
  return inferAval((x) => evaluating(() => model.forward(x)), { shape, dtype: "float32" }).shape;
}

describe.each([
  ["resnet20_cifar", 269_722, 40_551_040],
  ["resnet32_cifar", 464_154, 68_862_592],
  ["resnet44_cifar", 658_586, 97_174_144],
  ["resnet56_cifar", 853_018, 125_485_696],
  ["resnet110_cifar", 1_727_962, 252_887_680],
  ["preact_resnet164_cifar", 1_703_258, 247_646_720],
  ["wrn28_10", 36_479_194, 5_243_328_768],
  ["c3d", 79_991_015, 38_548_959_232],
  ["r3d_18", 33_371_472, 40_696_553_472],
  ["mc3_18", 11_695_440, 43_342_635_008],
  ["r2plus1d_18", 31_505_325, 40_519_080_960],
] as const)("%s", (name, parameters, multiplyAdds) => {
  it("has the published parameters and multiply-adds", async () => {
    const info = await modelInfo(name);
    expect(info).toMatchObject({ name, parameters, multiplyAdds });
    expect(summary(await create(name), info.inputShape)).toMatchObject({ parameters, multiplyAdds });
  });

  it("takes other channels and classes, and its smallest input", async () => {
    const { minimumInput } = await modelInfo(name);
    const model = await create(name, { inChannels: 2, numClasses: 7 });
    expect(logitsOf(model, [2, 2, ...minimumInput.slice(1)])).toEqual([2, 7]);
    expect(() => logitsOf(model, [2, ...minimumInput])).toThrow(ShapeError);
    expect(() => logitsOf(model, [2, ...minimumInput])).toThrow(/ give (images|clips) \[N, 2, /);
  });
});

describe("sizes of other depths and widths", () => {
  it("of pre-activation networks: 9 n + 2", () => {
    expect(countParameters(preActResNet(1001))).toBe(10_327_706); // the paper: 10.2 M
    expect(countParameters(preActResNet(11))).toBe(126_746);
    for (const depth of [2, 20.5, 111, 1811])
      expect(() => preActResNet(depth)).toThrow(`preActResNet: depth is ${depth}. Remedy: use 9 n + 2`);
  });

  it("of wide networks: 6 n + 4, any width", () => {
    expect(countParameters(cifarWideResNet({ depth: 40, widen: 4 }))).toBe(8_949_210); // the paper: 8.9 M
    expect(countParameters(cifarWideResNet({ depth: 16, widen: 8 }))).toBe(10_961_370); // the paper: 11.0 M
    expect(countParameters(cifarWideResNet({ depth: 10, widen: 1 }))).toBe(77_850);
    for (const depth of [4, 29, 1210])
      expect(() => cifarWideResNet({ depth })).toThrow(`cifarWideResNet: depth is ${depth}. Remedy: use 6 n + 4`);
    for (const widen of [0, 1.5])
      expect(() => cifarWideResNet({ widen })).toThrow(`widen is ${widen}. Remedy: use a whole`);
    expect(() => cifarWideResNet({ dropout: 2 })).toThrow(AttributeError);
  });

  it("of images: any, odd ones too", () => {
    for (const model of [cifarResNet(8), preActResNet(11), cifarWideResNet({ depth: 10, widen: 1 })])
      expect(logitsOf(model, [1, 3, 21, 27])).toEqual([1, 10]);
  });
});

describe("clips", () => {
  it("of C3D are those whose last maps are 1x4x4", () => {
    const model = c3d({ numClasses: 5 });
    expect(logitsOf(model, [1, 3, 1, 97, 128])).toEqual([1, 5]);
    expect(logitsOf(model, [1, 3, 16, 128, 97])).toEqual([1, 5]);
    for (const clip of [
      [17, 112, 112],
      [16, 96, 112],
      [16, 112, 129],
      [0, 112, 112],
    ] as const)
      expect(() => logitsOf(model, [1, 3, ...clip])).toThrow(
        `c3d: clips of ${clip[0]} frames of ${clip[1]}x${clip[2]} do not fit. Remedy: give 1 to 16 frames of 97x97 to 128x128`,
      );
  });

  it("of the residual networks are of any length and size", () => {
    const model = videoResNet("mc3_18", { numClasses: 5 });
    expect(logitsOf(model, [1, 3, 33, 20, 31])).toEqual([1, 5]);
    expect(() => logitsOf(model, [1, 3, 0, 20, 31])).toThrow("give at least 1 frames of at least 1x1");
  });
});

it("published weights are told with address, first digits of the SHA-256 in the file's name, licence and accuracy", async () => {
  for (const name of ["resnet20_cifar", "resnet32_cifar", "resnet44_cifar", "resnet56_cifar", "resnet110_cifar"]) {
    const { weights } = await modelInfo(name);
    expect(weights).toMatchObject([{ format: "pytorch", licence: "BSD-2-Clause", numClasses: 10 }]);
  }
  for (const name of ["r3d_18", "mc3_18", "r2plus1d_18"]) {
    const { weights } = await modelInfo(name);
    expect(weights).toMatchObject([{ format: "pytorch", licence: "BSD-3-Clause", numClasses: 400 }]);
  }
  const [known] = (await modelInfo("resnet20_cifar")).weights;
  expect(known?.url).toMatch(new RegExp(`/resnet20-${known?.sha256.slice(0, 8) ?? "none"}\\.th$`));
  const [pattern = "", replacement = ""] = known?.rename?.[0] ?? [];
  expect("module.layer1.0.conv1.weight".replace(new RegExp(pattern), replacement)).toBe("layer1.0.conv1.weight");
});
