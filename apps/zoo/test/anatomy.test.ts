// What is drawn of a model: its boxes, and what they say of sizes, links and receptive fields.
import { create, listModels, modelInfo } from "@stria/zoo";
import { expect, test } from "vitest";
import { type Anatomy, type Box, mapSize } from "../src/anatomy/anatomy.ts";
import { dissect } from "../src/anatomy/dissect.ts";
import { fold } from "../src/anatomy/fold.ts";

async function anatomyOf(name: string): Promise<Anatomy> {
  const { inputShape, vocabulary } = await modelInfo(name);
  return dissect(await create(name), inputShape, vocabulary === undefined ? "float32" : "int32");
}

function boxAt({ boxes }: Anatomy, path: string, kind?: Box["kind"]): Box {
  const found = boxes.find((box) => box.path === path && (kind === undefined || box.kind === kind));
  if (found === undefined) throw new Error(`there is no box of ${path}`);
  return found;
}

/** field, jump, start of the first axis */
function fieldOf(box: Box): number[] {
  const [first] = box.fields ?? [];
  return first === undefined ? [] : [first.field, first.jump, first.start];
}

test.each(listModels())(
  "%s: each box is made of earlier ones, and together they have the model's multiply-adds",
  async (name) => {
    const { boxes, multiplyAdds, parameters } = await anatomyOf(name);
    const info = await modelInfo(name);
    expect(boxes.length).toBeGreaterThan(3);
    expect(parameters).toBe(info.parameters);
    for (const [index, { id, inputs, shape }] of boxes.entries()) {
      expect(id).toBe(index);
      expect(inputs.length).toBeGreaterThan(index === 0 ? -1 : 0);
      for (const input of inputs) expect(input).toBeLessThan(index);
      expect(shape.length).toBeGreaterThan(0);
    }
    const sum = boxes.reduce((total, box) => total + box.multiplyAdds, 0);
    expect(Math.abs(sum - multiplyAdds)).toBeLessThanOrEqual(1e-6 * multiplyAdds);
  },
);

test("receptive fields are those of the literature", async () => {
  const [vgg, alexnet, resnet] = [await anatomyOf("vgg16"), await anatomyOf("alexnet"), await anatomyOf("resnet50")];
  // Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks", 2019: fields and strides before the average.
  expect(fieldOf(boxAt(vgg, "features.30")).slice(0, 2)).toEqual([212, 32]);
  expect(fieldOf(boxAt(alexnet, "features.12")).slice(0, 2)).toEqual([195, 32]);
  expect(boxAt(resnet, "layer4.2", "join").shape).toEqual([2048, 7, 7]);
  expect(fieldOf(boxAt(resnet, "layer4.2", "join"))[1]).toBe(32);
});

test("a residual block is two branches that meet, and its maps are those of the module around", async () => {
  const anatomy = await anatomyOf("resnet20_cifar");
  expect(anatomy.boxes).toHaveLength(31);
  const [sum, first, before] = [
    boxAt(anatomy, "layer1.1", "join"),
    boxAt(anatomy, "layer1.1.conv1"),
    boxAt(anatomy, "layer1.0", "join"),
  ];
  expect(sum).toMatchObject({ label: "+", after: ["ReLU"], maps: "layer1.1", shape: [16, 32, 32] });
  expect(sum.inputs).toEqual([boxAt(anatomy, "layer1.1.conv2").id, before.id]);
  expect(first).toMatchObject({
    inputs: [before.id],
    label: "3×3 conv",
    after: ["batch norm", "ReLU"],
    maps: "layer1.1.conv1",
  });
  expect(boxAt(anatomy, "layer2.0.conv1").words).toBe("3×3 convolution, stride 2");
});

test("maps that are collected one by one are side by side with what was there before", async () => {
  const anatomy = await anatomyOf("densenet121");
  const block = "features.denseblock1.denselayer";
  const [second, third] = [boxAt(anatomy, `${block}2`, "join"), boxAt(anatomy, `${block}3`, "join")];
  expect(third.inputs).toEqual([second.id, boxAt(anatomy, `${block}3.conv2`).id]);
  expect(third.shape).toEqual([160, 56, 56]);
});

test("layers of a kind of their own, unpooling and resizing have boxes too", async () => {
  const [lenet, segnet, fcn] = [
    await anatomyOf("lenet5_1998"),
    await anatomyOf("segnet"),
    await anatomyOf("fcn_resnet50"),
  ];
  expect(boxAt(lenet, "rbf")).toMatchObject({ kind: "other", shape: [10] });
  const unpooled = segnet.boxes.filter(({ label }) => label === "unpooling");
  // Each takes the places of the pooling that it undoes.
  expect(unpooled.map(({ inputs }) => inputs.length)).toEqual([1, 2, 2, 2, 2]);
  expect(fcn.boxes.at(-1)).toMatchObject({ kind: "resize", shape: [21, 520, 520] });
});

test("equal blocks fold into their last one", async () => {
  const anatomy = await anatomyOf("resnet152");
  const folded = fold(anatomy);
  expect(anatomy.boxes).toHaveLength(209);
  // He et al. 2015, table 1: 3, 8, 36 and 3 blocks, of which the first of each stage has a projection.
  const counts = [
    ...new Set(
      folded.boxes.filter(({ repeat }) => repeat > 1).map(({ path, repeat }) => `${path.split(".")[0]} ${repeat}`),
    ),
  ];
  expect(counts).toEqual(["layer1 2", "layer2 7", "layer3 35", "layer4 2"]);
  for (const [index, { id, inputs, origin }] of folded.boxes.entries()) {
    expect(id).toBe(index);
    for (const input of inputs) expect(input).toBeLessThan(index);
    expect(anatomy.boxes[origin]?.path).toBe(folded.boxes[index]?.path);
  }
  const sum = folded.boxes.find(({ path, kind }) => path === "layer3.35" && kind === "join");
  expect(sum?.inputs).toHaveLength(2);
  // A block that is folded counts as often as it is there.
  const drawn = folded.boxes.reduce((total, { multiplyAdds, repeat }) => total + multiplyAdds * repeat, 0);
  expect(drawn).toBe(anatomy.multiplyAdds);
});

test("many equal boxes side by side fold into one: LeNet-5's third layer has 16 maps with inputs of their own", async () => {
  const anatomy = await anatomyOf("lenet5_1998");
  const { boxes } = fold(anatomy);
  const [maps, ...others] = boxes.filter(({ path }) => path.startsWith("c3.maps"));
  expect(maps).toMatchObject({ repeat: 16, inputs: [boxes.find(({ path }) => path === "s2")?.id] });
  expect(others).toEqual([]);
  expect(boxes.find(({ path, kind }) => path === "c3" && kind === "join")?.inputs).toEqual([maps?.id]);
});

test("sizes are read by what axes mean", () => {
  expect(mapSize({ shape: [64, 7, 5], channelsLast: false })).toEqual({
    channels: 64,
    frames: 1,
    height: 7,
    width: 5,
    isVector: false,
  });
  expect(mapSize({ shape: [7, 5, 64], channelsLast: true })).toMatchObject({ channels: 64, height: 7, width: 5 });
  expect(mapSize({ shape: [8, 4, 7, 5], channelsLast: false })).toMatchObject({
    channels: 8,
    frames: 4,
    height: 7,
    width: 5,
  });
  expect(mapSize({ shape: [8, 100], channelsLast: false })).toMatchObject({
    channels: 8,
    height: 100,
    width: 1,
    isVector: false,
  });
  expect(mapSize({ shape: [10], channelsLast: false })).toMatchObject({ channels: 10, isVector: true });
});
