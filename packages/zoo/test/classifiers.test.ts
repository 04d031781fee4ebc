// The classifiers' sizes against the papers and torchvision, their smallest images against torchvision's, and what they refuse.
import { AttributeError, ShapeError, type Tensor, concat, evaluating, inferAval } from "@stria/core";
import { type Module, countParameters, summary } from "@stria/layers";
import { describe, expect, it } from "vitest";
import { rowOf } from "../src/images.ts";
import {
  alexnet,
  cifarDenseNet,
  create,
  googlenet,
  googlenet2014,
  inceptionV3,
  mobilenetV2,
  modelInfo,
  resnet,
} from "../src/index.ts";

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
  ["resnext101_32x8d", 88_791_336, 16_414_015_488, 1],
  ["resnext101_64x4d", 83_455_272, 15_460_270_080, 1],
  ["wide_resnet50_2", 68_883_240, 11_398_021_120, 1],
  ["wide_resnet101_2", 126_886_696, 22_753_050_624, 1],
  ["squeezenet1_0", 1_248_424, 818_924_576, 21],
  ["squeezenet1_1", 1_235_496, 349_151_936, 17],
  ["densenet121", 7_978_856, 2_834_161_664, 29],
  ["densenet161", 28_681_000, 7_727_907_072, 29],
  ["densenet169", 14_149_480, 3_359_843_328, 29],
  ["densenet201", 20_013_928, 4_291_365_888, 29],
  ["densenet40_cifar", 1_019_722, 264_812_928, 4],
  ["densenet_bc100_cifar", 769_162, 287_929_692, 4],
  ["zfnet", 62_357_608, 1_168_032_896, 213],
  ["nin_cifar", 966_986, 222_486_528, 4],
  ["nin_imagenet", 7_595_176, 1_105_996_320, 39],
  ["all_cnn_c", 1_369_738, 270_798_336, 9],
  ["googlenet_2014", 13_378_280, 1_582_671_872, 31],
  ["googlenet", 13_004_888, 1_498_376_192, 15],
  ["inception_v3", 27_161_264, 5_713_216_096, 75],
  ["mobilenet_v2", 3_504_872, 300_774_272, 1],
  ["mobilenet_v3_small", 2_542_856, 56_510_400, 1],
  ["mobilenet_v3_large", 5_483_032, 216_589_760, 1],
  ["mnasnet0_5", 2_218_512, 104_455_968, 1],
  ["mnasnet0_75", 3_170_208, 215_493_104, 1],
  ["mnasnet1_0", 4_383_312, 314_415_872, 1],
  ["mnasnet1_3", 6_282_256, 526_362_432, 1],
  ["shufflenet_v2_x0_5", 1_366_792, 40_476_448, 1],
  ["shufflenet_v2_x1_0", 2_278_604, 144_907_992, 1],
  ["shufflenet_v2_x1_5", 3_503_624, 295_759_392, 1],
  ["shufflenet_v2_x2_0", 7_393_996, 583_253_464, 1],
  ["convnext_tiny", 28_589_128, 4_455_531_264, 32],
  ["convnext_small", 50_223_688, 8_683_712_256, 32],
  ["convnext_base", 88_591_464, 15_354_729_472, 32],
  ["convnext_large", 197_767_336, 34_361_433_600, 32],
  ["efficientnet_b0", 5_288_548, 385_814_752, 1],
  ["efficientnet_b1", 7_794_184, 686_802_832, 1],
  ["efficientnet_b2", 9_109_994, 1_087_529_456, 1],
  ["efficientnet_b3", 12_233_232, 1_827_141_392, 1],
  ["efficientnet_b4", 19_341_616, 4_393_771_024, 1],
  ["efficientnet_b5", 30_389_784, 10_266_384_752, 1],
  ["efficientnet_b6", 43_040_704, 19_067_593_536, 1],
  ["efficientnet_b7", 66_347_960, 37_745_884_192, 1],
  ["regnet_y_400mf", 4_344_144, 401_842_848, 1],
  ["regnet_y_800mf", 6_432_512, 833_856_256, 1],
  ["regnet_y_1_6gf", 11_202_430, 1_612_076_160, 1],
  ["regnet_y_3_2gf", 19_436_338, 3_176_482_752, 1],
  ["regnet_y_8gf", 39_381_472, 8_473_070_592, 1],
  ["regnet_y_16gf", 83_590_140, 15_911_510_272, 1],
  ["regnet_y_32gf", 145_046_770, 32_279_552_832, 1],
  ["regnet_x_400mf", 5_495_976, 413_812_608, 1],
  ["regnet_x_800mf", 7_259_656, 799_699_712, 1],
  ["regnet_x_1_6gf", 9_190_136, 1_602_849_792, 1],
  ["regnet_x_3_2gf", 15_296_552, 3_176_621_952, 1],
  ["regnet_x_8gf", 39_572_648, 7_995_132_416, 1],
  ["regnet_x_16gf", 54_278_536, 15_940_755_456, 1],
  ["regnet_x_32gf", 107_811_560, 31_735_929_792, 1],
];

describe.each(sizes)("%s", (name, parameters, multiplyAdds, minimum) => {
  it("has the published parameters and multiply-adds", async () => {
    const info = await modelInfo(name);
    expect(info).toMatchObject({ name, parameters, multiplyAdds, minimumInput: [3, minimum, minimum] });
    expect(summary(await create(name), info.inputShape)).toMatchObject({ parameters, multiplyAdds });
  });

  it("takes other channels and classes, and images from the smallest on", async () => {
    const model = await create(name, { inChannels: 2, numClasses: 7 });
    expect(logitsOf(model, [2, 2, minimum, minimum + 1])).toEqual([2, 7]);
  });

  it("refuses other images, and names the smallest", async () => {
    const model = await create(name);
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

it.each([
  ["alexnet_2012", 227, 258],
  ["zfnet", 213, 244],
])("the largest image that %s takes is the last whose maps are 6x6", async (name, least, largest) => {
  const model = await create(name);
  expect(logitsOf(model, [1, 3, largest, largest])).toEqual([1, 1000]);
  expect(() => logitsOf(model, [1, 3, least, largest + 1])).toThrow(
    `images of ${least}x${largest + 1} are too large: the dense layers take maps of one size. Remedy: give ${least}x${least} to ${largest}x${largest}.`,
  );
});

it("alexnet in one column takes any larger image", () => {
  expect(logitsOf(alexnet(), [1, 3, 259, 301])).toEqual([1, 1000]);
});

describe("auxiliary heads", () => {
  it("give logits of their own, for training", () => {
    const shapes = (run: (x: Tensor) => readonly (Tensor | null)[], size: number) =>
      inferAval(
        (x) =>
          concat(
            evaluating(() => run(x)).filter((y) => y !== null),
            1,
          ),
        {
          shape: [2, 3, size, size],
          dtype: "float32",
        },
      ).shape;
    const [first, second, third] = [googlenet({ numClasses: 5 }), googlenet2014({ numClasses: 5 }), inceptionV3()];
    for (const model of [first, second])
      expect(shapes((x) => Object.values<Tensor | null>({ ...model.withAuxiliary(x) }), 224)).toEqual([2, 15]);
    expect(shapes((x) => Object.values<Tensor | null>({ ...third.withAuxiliary(x) }), 299)).toEqual([2, 2000]);
  });

  it("can be left out", () => {
    expect(countParameters(googlenet({ auxiliaryHeads: false }))).toBe(6_624_904);
    expect(countParameters(googlenet2014({ auxiliaryHeads: false }))).toBe(6_998_552);
    expect(countParameters(inceptionV3({ auxiliaryHead: false }))).toBe(23_834_568);
  });
});

it("DenseNets for CIFAR come in the sizes of the paper's table, and in no depth between", () => {
  expect(countParameters(cifarDenseNet({ depth: 100 }))).toBe(6_979_642);
  expect(countParameters(cifarDenseNet({ depth: 100, growth: 24 }))).toBe(27_249_082);
  expect(() => cifarDenseNet({ depth: 41 })).toThrow("depth is 41. Remedy: use 3 n + 4");
  expect(() => cifarDenseNet({ depth: 43, bc: true })).toThrow("depth is 43. Remedy: use 6 n + 4");
});

it("MobileNetV2 takes a factor on its channels", () => {
  expect(countParameters(mobilenetV2({ widthMultiplier: 0.5 }))).toBe(1_968_680); // torchvision's, width_mult=0.5
  for (const widthMultiplier of [0, -1, Number.NaN, Infinity])
    expect(() => mobilenetV2({ widthMultiplier })).toThrow(/widthMultiplier is .*use a number above 0/);
});
