// How the nets for segmentation begin and what they see: dilated backbones, auxiliary heads, identities, linear interpolation.
import { AttributeError, evaluating, inferAval, namedModules, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Conv2d, countParameters, features, summary } from "@stria/layers";
import { beforeAll, describe, expect, it } from "vitest";
import {
  contextModule,
  deepLabV3ResNet50,
  deepLabV3ResNet50Info,
  fcn,
  fcnResNet50,
  fcnResNet50Info,
  resnet,
} from "../src/index.ts";

beforeAll(async () => {
  await useBackend(reference());
  setSeed(1);
});

describe("a dilated ResNet", () => {
  const dilated = { replaceStrideWithDilation: [false, true, true] } as const;

  it("keeps an eighth of the size, with the same parameters", () => {
    const model = resnet("resnet50", dilated);
    const stages = features(model, ["layer1", "layer2", "layer3", "layer4"]);
    const shapes = (["layer1", "layer2", "layer3", "layer4"] as const).map(
      (stage) =>
        inferAval((x) => evaluating(() => stages.forward(x)[stage]), { shape: [1, 3, 65, 40], dtype: "float32" }).shape,
    );
    expect(shapes).toEqual([
      [1, 256, 17, 10],
      [1, 512, 9, 5],
      [1, 1024, 9, 5],
      [1, 2048, 9, 5],
    ]); // torchvision's
    expect(countParameters(model)).toBe(25_557_032);
  });

  it("has torchvision's strides and dilations, whichever stages are dilated", () => {
    const model = resnet("resnet50", { replaceStrideWithDilation: [true, false, true] });
    const middles = [...namedModules(model)].flatMap(([path, layer]) =>
      /layer[34]\.\d\.conv2$/.test(path) && layer instanceof Conv2d ? [layer] : [],
    );
    expect(middles.map(({ stride, dilation, padding }) => [stride, dilation, padding])).toEqual([
      [2, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
      [1, 2, 2],
      [1, 4, 4],
      [1, 4, 4],
    ]);
  });

  it("needs bottlenecks", () => {
    expect(() => resnet("resnet18", dilated)).toThrow(AttributeError);
    expect(() => resnet("resnet34", dilated)).toThrow(/no bottlenecks to dilate.*use resnet50/);
  });
});

describe.each([
  ["fcnResNet50", fcnResNet50, fcnResNet50Info, 32_957_013],
  ["deepLabV3ResNet50", deepLabV3ResNet50, deepLabV3ResNet50Info, 39_638_869],
] as const)("%s", (name, make, info, withoutHead) => {
  const avalsOf = (model: ReturnType<typeof make>, head: "logits" | "aux") =>
    inferAval(
      (x) => {
        const outputs = evaluating(() => model.withAuxiliary(x));
        return outputs[head] ?? outputs.logits.sum();
      },
      { shape: [1, 3, 30, 45], dtype: "float32" },
    ).shape;

  it("scores pixels with the auxiliary head too, unless it is left out", () => {
    expect(avalsOf(make({ numClasses: 6 }), "logits")).toEqual([1, 6, 30, 45]);
    expect(avalsOf(make({ numClasses: 6 }), "aux")).toEqual([1, 6, 30, 45]);
    const alone = make({ auxiliaryHead: false });
    expect(countParameters(alone)).toBe(withoutHead);
    expect(avalsOf(alone, "aux")).toEqual([]);
    expect(() => alone.forward(tensor([0], { shape: [1, 1, 1, 1] }))).toThrow(`${name}: the input is [1, 1, 1, 1]`);
  });

  it("knows torchvision's weights", () => {
    const [weights] = info.weights;
    expect(weights?.url).toBe(`https://download.pytorch.org/models/${info.name}_coco-${weights?.sha256}.pth`);
    expect(weights).toMatchObject({ format: "pytorch", numClasses: 21 });
  });
});

it("the weights' accuracies are the published ones", () => {
  expect(fcnResNet50Info.weights[0]).toMatchObject({ sha256: "1167a1af", accuracy: /mean IoU 60.5, pixels 91.4 %/ });
  expect(deepLabV3ResNet50Info.weights[0]).toMatchObject({
    sha256: "cd0a2569",
    accuracy: /mean IoU 66.4, pixels 92.4/,
  });
});

describe("the context module", () => {
  const maps = tensor(
    Float32Array.from({ length: 2 * 3 * 5 * 4 }, (_, index) => Math.abs(Math.sin(index))),
    { shape: [2, 3, 5, 4] },
  );

  it("starts as the identity: the basic one exactly, the large one but for its noise", async () => {
    const given = await maps.data();
    const passed = await contextModule("context_basic", { channels: 3 }).forward(maps).data();
    expect([...passed]).toEqual([...given]);
    const [exact, noisy] = await Promise.all(
      [0, 0.01].map((noise) => contextModule("context_large", { channels: 3, noise }).forward(maps).data()),
    );
    for (const [index, value] of given.entries()) expect(exact?.[index]).toBeCloseTo(value, 5);
    const off = given.map((value, index) => Math.abs(value - (noisy?.[index] ?? 0)));
    expect(Math.max(...off)).toBeGreaterThan(1e-4);
    expect(Math.max(...off)).toBeLessThan(0.2);
  });

  it("sees 67x67 places, table 1 of the paper on the way", () => {
    const { rows } = summary(contextModule("context_basic", { channels: 2 }), [2, 80, 80]);
    expect(rows.map(({ receptiveField }) => receptiveField?.map(({ field }) => field))).toEqual(
      [3, 5, 9, 17, 33, 65, 67, 67].map((field) => [field, field]),
    );
  });
});

it("FCN enlarges its scores linearly at first, and has no scores", async () => {
  const model = fcn("fcn8s", { numClasses: 2 });
  const enlarging = Array.from((await model.upscore2?.weight.value.data()) ?? [], Number);
  const row = [1, 3, 3, 1];
  expect(enlarging.slice(0, 16)).toEqual(row.flatMap((x) => row.map((y) => (x * y) / 16)));
  expect(enlarging.slice(16, 32)).toEqual(row.flatMap(() => row.map(() => 0)));
  for (const layer of [model.score_fr, model.score_pool4, model.score_pool3])
    expect(new Set(await layer?.weight.value.data())).toEqual(new Set([0]));
});
