// Nets of lists, as the worker builds them. Nothing here needs a backend.
import { describe, expect, test } from "vitest";
import { layerSpecs } from "../src/list/layers.ts";
import { parseList } from "../src/list/parse.ts";
import { presets } from "../src/list/presets.ts";
import { type Net, buildNet } from "../src/worker/build-net.ts";
import { type Refusal, refusalOf } from "../src/worker/refusal.ts";

const built = (list: string): Net => buildNet(parseList(list));

function refused(list: string): Refusal {
  try {
    built(list);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return refusal;
    throw error;
  }
  throw new Error("it was built");
}

describe("a net", () => {
  // LeNet-5: 6 x 26 + 16 x 151 + 120 x 401 + 84 x 121 + 10 x 85. The linear model: 785 x 10.
  test.each([
    ["lenet5", 61_706],
    ["linear", 7850],
  ])("of the preset %s has %i parameters", (id, parameters) => {
    expect(built(presets.find((preset) => preset.id === id)?.text ?? "").parameters).toBe(parameters);
  });

  test("knows which of its layers give images, and its part up to one of them", () => {
    const { imageLayers, upTo } = built('conv2d(6, 5, padding="same") avgPool2d(2) flatten() dense(10)');
    expect(imageLayers).toEqual([
      { index: 0, name: "conv2d", shape: [6, 28, 28] },
      { index: 1, name: "avgPool2d", shape: [6, 14, 14] },
    ]);
    expect(upTo(1)).toHaveLength(2);
    expect(upTo(1)).toBe(upTo(1));
  });

  test("may have every layer that a list may name", () => {
    const list = `leakyRelu(0.1) elu() celu(0.5) selu() gelu() geluTanh() silu() mish() softplus() softsign() logSigmoid() hardSwish()
      hardSigmoid() hardTanh(-2, 2) tanhshrink() tanh() sigmoid() relu() relu6() dropout(0.2) dropout2d(0.2)
      depthwiseConv2d(3, multiplier=2, padding=1) separableConv2d(8, 3, padding=1) groupNorm(2) channelShuffle(4)
      conv2d(4, 3, groups=4, dilation=2) batchNorm2d(momentum=0.2) crelu() maxout(2) prelu(perChannel=true)
      pixelUnshuffle(2) pixelShuffle(2) convTranspose2d(4, 3, bias=false) instanceNorm2d(affine=true) localResponseNorm(3, k=2)
      maxPool2d(2) avgPool2d(3, stride=2, padding=1) lpPool2d(2, 2, stride=1) stochasticPool2d(2, stride=1)
      residual([conv2d(8, 1)], shortcut=[conv2d(8, 1)], activation="gelu") concatenated([[conv2d(2, 1)], [relu(), conv2d(3, 1)]])
      adaptiveMaxPool2d([4, 3]) adaptiveAvgPool2d(2) spatialPyramidPool2d([1, 2]) layerNorm() rmsNorm() batchNorm1d() dense(10)`;
    const used = new Set([...list.matchAll(/\w+(?=\()/g)].map(([name]) => name));
    const others = ["flatten", "globalAvgPool", "globalMaxPool"];
    expect([...used, ...others].toSorted()).toEqual(Object.keys(layerSpecs).toSorted());
    // 25 features: 5 channels in 1 + 4 windows.
    const before = 20 + (20 + 24) + 16 + 76 + 8 + 4 + 4 * 4 * 9 + 8;
    expect(built(list).parameters).toBe(before + 2 * 40 + (18 + 27) + 50 + 25 + 50 + 260);
    expect(built("globalAvgPool() dense(10)").parameters).toBe(20);
    expect(built("conv2d(3, 3) globalMaxPool() dense(10)").parameters).toBe(30 + 40);
    expect(built("flatten() dense(10, bias=false)").parameters).toBe(7840);
  });
});

describe("a net that cannot be built", () => {
  test.each([
    ["conv2d(6, 5) maxPool2d(30) flatten() dense(10)", 1, /^maxPool: a kernel of 30 does not fit .* Remedy: /],
    ["conv2d(6, 5) dense(10)", 1, /^dense: its input is \[6, 24, 24\] .* put flatten\(\) before it\.$/],
    ["flatten() conv2d(3, 3)", 1, /^conv: the input is \[1, 784\]/],
    ["conv2d(6, 5, groups=2)", 0, /^Conv2d: 1 input and 6 output channels do not divide into 2 groups/],
    ["residual([relu(), conv2d(2, 3)]) flatten() dense(10)", 0, /the body gives \[1, 2, 26, 26\]/],
    ["relu() groupNorm(3) flatten() dense(10)", 1, /^GroupNorm: 1 channels do not divide into 3 groups/],
    ["flatten() dense(9)", 1, /^The net gives \[9\] for a digit, and there are 10 classes: end with dense\(10\)\.$/],
    ["conv2d(10, 3)", 0, /^The net gives \[10, 26, 26\] .* end with flatten\(\) and dense\(10\)\.$/],
    ["conv2d(4096, 28) conv2d(4096, 1) flatten() dense(10)", undefined, /20,037,642 parameters; up to 5,000,000/],
  ])("%s", (list, entry, message) => {
    const refusal = refused(list);
    expect(refusal.entry).toBe(entry);
    expect(refusal.message).toMatch(message);
  });

  test("has no parameters", () => {
    // Ten places of the picture are ten classes, and nothing can be learnt.
    expect(refused("maxPool2d([14, 5], stride=[14, 5]) flatten()").message).toBe(
      "The net has no parameters to train: add conv2d(...) or dense(...).",
    );
  });
});
