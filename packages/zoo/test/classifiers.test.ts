// The classifiers' sizes against the papers and torchvision, their smallest images against torchvision's, and what they refuse.
import { AttributeError, ShapeError, evaluating, inferAval } from "@stria/core";
import { type Module, summary } from "@stria/layers";
import { describe, expect, it } from "vitest";
import { rowOf } from "../src/images.ts";
import { alexnet, alexnet2012, loadModelByName, resnet } from "../src/index.ts";

function logitsOf(model: Module, shape: readonly number[]): readonly number[] {
  return inferAval((x) => evaluating(() => model.forward(x)), { shape, dtype: "float32" }).shape;
}

/** Name, parameters, multiply-adds of one input, least height and width (torchvision's `min_size` where it has the model). */
const sizes: readonly (readonly [string, number, number, number])[] = [
  ["alexnet", 61_100_840, 714_188_480, 63],
  ["alexnet_2012", 60_965_224, 724_406_816, 227],
  ["vgg11", 132_863_336, 7_609_090_048, 32],
  ["vgg13", 133_047_848, 11_308_466_176, 32],
  ["vgg16", 138_357_544, 15_470_264_320, 32],
  ["vgg19", 143_667_240, 19_632_062_464, 32],
  ["vgg11_bn", 132_868_840, 7_609_090_048, 32],
  ["vgg13_bn", 133_053_736, 11_308_466_176, 32],
  ["vgg16_bn", 138_365_992, 15_470_264_320, 32],
  ["vgg19_bn", 143_678_248, 19_632_062_464, 32],
  ["resnet18", 11_689_512, 1_814_073_344, 1],
  ["resnet34", 21_797_672, 3_663_761_408, 1],
  ["resnet50", 25_557_032, 4_089_184_256, 1],
  ["resnet101", 44_549_160, 7_801_405_440, 1],
  ["resnet152", 60_192_808, 11_513_626_624, 1],
  ["resnext50_32x4d", 25_028_904, 4_230_479_872, 1],
  ["wide_resnet50_2", 68_883_240, 11_398_021_120, 1],
  ["squeezenet1_0", 1_248_424, 818_924_576, 21],
  ["squeezenet1_1", 1_235_496, 349_151_936, 17],
  ["densenet121", 7_978_856, 2_834_161_664, 29],
  ["densenet161", 28_681_000, 7_727_907_072, 29],
  ["densenet169", 14_149_480, 3_359_843_328, 29],
  ["densenet201", 20_013_928, 4_291_365_888, 29],
];

describe.each(sizes)("%s", (name, parameters, multiplyAdds, minimum) => {
  it("has the published parameters and multiply-adds", async () => {
    const { create, info } = await loadModelByName(name);
    expect(info).toMatchObject({ name, parameters, multiplyAdds });
    expect(summary(create(), info.inputShape)).toMatchObject({ parameters, multiplyAdds });
  });

  it("takes other channels and classes, and images from the smallest on", async () => {
    const { create } = await loadModelByName(name);
    expect(logitsOf(create({ inChannels: 2, numClasses: 7 }), [2, 2, minimum, minimum + 1])).toEqual([2, 7]);
  });

  it("refuses other images, and names the smallest", async () => {
    const { create } = await loadModelByName(name);
    const model = create();
    expect(() => logitsOf(model, [1, 4, minimum, minimum])).toThrow(/\[1, 4, .*give images \[N, 3, height, width\]/);
    expect(() => logitsOf(model, [3, minimum, minimum])).toThrow(ShapeError);
    expect(() => logitsOf(model, [1, 3, minimum + 9, minimum - 1])).toThrow(
      `images of ${minimum + 9}x${minimum - 1} are too small. Remedy: give at least ${minimum}x${minimum}`,
    );
  });
});

it("a name that a family lacks is an error that lists its names", () => {
  const find = () => rowOf<string, number>("resnet", { resnet18: 18, resnet34: 34 }, "net1");
  expect(find).toThrow(AttributeError);
  expect(find).toThrow('resnet: there is no "net1". Remedy: use one of resnet18, resnet34.');
});

it("ResNeXt and wide ResNet are options of ResNet", () => {
  const parametersOf = (model: Module) => summary(model, [3, 64, 64]).parameters;
  expect(parametersOf(resnet("resnet101", { groups: 32, widthPerGroup: 8 }))).toBe(88_791_336); // torchvision's resnext101_32x8d
  expect(parametersOf(resnet("resnet101", { widthPerGroup: 128 }))).toBe(126_886_696); // torchvision's wide_resnet101_2
});

it("the largest image that alexnet2012 takes is the last whose maps are 6x6", () => {
  expect(logitsOf(alexnet2012(), [1, 3, 258, 258])).toEqual([1, 1000]);
  expect(() => logitsOf(alexnet2012(), [1, 3, 259, 259])).toThrow(/matmul/);
  expect(logitsOf(alexnet(), [1, 3, 259, 259])).toEqual([1, 1000]);
});
