// Kinds of convolution, padding and rearrangement: PyTorch's answers, structure, and what does not fit.
import { conv, namedCells, sizeOf, tensor, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it, test } from "vitest";
import {
  CausalConv1d,
  ChannelShuffle,
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  DepthwiseConv1d,
  DepthwiseConv2d,
  DepthwiseConv3d,
  type Module,
  Pad,
  PixelShuffle,
  PixelUnshuffle,
  SeparableConv1d,
  SeparableConv2d,
  Unflatten,
  causalConv1d,
  channelShuffle,
  convTranspose2d,
  depthwiseConv2d,
  padLast,
  pixelShuffle,
  pixelUnshuffle,
  separableConv2d,
  sequential,
} from "../src/index.ts";
import { Goldens } from "./golden.ts";

beforeAll(() => useBackend(reference()));

const [convolutions, pools, shapes] = [new Goldens("ops-conv"), new Goldens("ops-pool"), new Goldens("ops-shape")];

function parameters(layer: Module): number {
  return [...namedCells(layer).values()].reduce((sum, cell) => sum + sizeOf(cell.shape), 0);
}

test.each(["reflect", "replicate", "circular"] as const)("padding mode %s", async (paddingMode) => {
  const layer = new Conv2d(2, 3, 3, { padding: [1, 2], paddingMode });
  expect(await convolutions.faultOfLayer(layer, `conv2d/padding-${paddingMode}`)).toBeUndefined();
});

test("padding in words is of the mode too", () => {
  const x = zeros([1, 1, 9]);
  for (const padding of ["same", "causal"] as const) {
    const layer = new Conv1d(1, 1, 4, { padding, paddingMode: "reflect", dilation: 2 });
    expect(layer.forward(x).shape).toEqual([1, 1, 9]);
    const strided = new Conv1d(1, 1, 4, { padding, paddingMode: "reflect", stride: 2 });
    expect(() => strided.forward(x)).toThrow("only at stride 1");
  }
  expect(new Conv1d(1, 1, 4, { padding: "valid", paddingMode: "reflect" }).forward(x).shape).toEqual([1, 1, 6]);
  expect(new Conv1d(1, 1, 4, { padding: [[2, 0]], paddingMode: "circular" }).forward(x).shape).toEqual([1, 1, 8]);
});

test.each([
  [
    "pad/reflect-3d",
    new Pad(
      [
        [2, 1],
        [0, 3],
        [1, 2],
      ],
      { mode: "reflect" },
    ),
  ],
  ["pad/replicate-1d", new Pad([[2, 3]], { mode: "replicate" })],
  [
    "pad/circular-2d",
    new Pad(
      [
        [3, 0],
        [1, 2],
      ],
      { mode: "circular" },
    ),
  ],
  [
    "pad/constant-value",
    new Pad(
      [
        [1, 1],
        [2, 1],
      ],
      { value: -1.5 },
    ),
  ],
] as const)("%s", async (id, layer) => {
  expect(await shapes.faultOfLayer(layer, id)).toBeUndefined();
});

test("padding that an axis cannot give is said", () => {
  const x = zeros([1, 1, 2]);
  expect(new Pad(1).forward(x).shape).toEqual([1, 1, 4]);
  expect(() => new Pad(2, { mode: "reflect" }).forward(x)).toThrow("too short for padding [2, 2]");
  expect(() => new Pad(3, { mode: "circular" }).forward(x)).toThrow("too short");
  expect(() => padLast(x, [[-2, -1]])).toThrow("shorter than what is cut");
  expect(() =>
    padLast(zeros([1]), [
      [1, 1],
      [1, 1],
    ]),
  ).toThrow("2 pairs for 1 axes");
});

test("transposed convolutions", async () => {
  for (const [id, Layer] of [
    ["conv_transpose1d/1", ConvTranspose1d],
    ["conv_transpose2d/plain", ConvTranspose2d],
    ["conv_transpose3d/plain", ConvTranspose3d],
  ] as const) {
    const [inputs = 0, outputs = 0, ...kernel] = convolutions.tensor(`${id}/in/weight`).shape;
    expect(await convolutions.faultOfLayer(new Layer(inputs, outputs, kernel), id)).toBeUndefined();
  }
  expect(() => new ConvTranspose2d(3, 4, 3, { groups: 2 })).toThrow("do not divide into 2 groups");
  expect(() => new ConvTranspose2d(3, 4, [3])).toThrow("the kernel has 1 axes");
  const doubled = new ConvTranspose2d(2, 1, 3, { stride: 2, padding: 1, outputPadding: 1, bias: false });
  expect(doubled.forward(zeros([1, 2, 4, 5])).shape).toEqual([1, 1, 8, 10]);
});

describe("CausalConv1d", () => {
  it.each([1, 2, 4])("gives PyTorch's answers with dilation %i", async (dilation) => {
    const id = `conv1d/causal-kernel2-dilation${dilation}`;
    const [outputs = 0, inputs = 0] = convolutions.tensor(`${id}/in/weight`).shape;
    expect(await convolutions.faultOfLayer(new CausalConv1d(inputs, outputs, 2, { dilation }), id)).toBeUndefined();
  });

  it("does not see the future", async () => {
    const layer = new CausalConv1d(1, 1, 3, { dilation: [2] });
    const [a, b] = [tensor([[[1, 2, 3, 4, 5, 6]]]), tensor([[[1, 2, 3, 4, -9, 9]]])];
    const [y, z] = [Array.from(await layer.forward(a).data()), Array.from(await layer.forward(b).data())];
    expect(z.slice(0, 4)).toEqual(y.slice(0, 4));
    expect(z[4]).not.toBe(y[4]);
  });
});

describe("depthwise and separable convolution", () => {
  it("has a filter of its own for every channel", async () => {
    const layer = new DepthwiseConv2d(2, 3, { multiplier: 2, bias: false });
    expect(layer.weight.shape).toEqual([4, 1, 3, 3]);
    const x = convolutions.tensor("conv2d/padding-reflect/in/input");
    expect(await layer.forward(x).data()).toEqual(await conv(x, layer.weight, { groups: 2 }).data());
    expect(new DepthwiseConv1d(3, 2).forward(zeros([1, 3, 4])).shape).toEqual([1, 3, 3]);
    expect(new DepthwiseConv3d(2, 2).forward(zeros([1, 2, 2, 2, 2])).shape).toEqual([1, 2, 1, 1, 1]);
    expect(() => new DepthwiseConv2d(2, 3, { multiplier: 0 })).toThrow("multiplier is 0");
  });

  it("has in (kernel + out) weights when separable", () => {
    const layer = new SeparableConv2d(8, 16, 3, { bias: false, padding: 1, between: "relu" });
    expect(parameters(layer)).toBe(8 * (9 + 16));
    expect([...namedCells(layer).keys()]).toEqual(["depthwise.weight", "pointwise.weight"]);
    expect(layer.forward(zeros([1, 8, 4, 4])).shape).toEqual([1, 16, 4, 4]);
    expect(new SeparableConv1d(2, 3, 3).forward(zeros([1, 2, 5])).shape).toEqual([1, 3, 3]);
  });
});

test("sequential works their channels out", () => {
  const images = sequential([depthwiseConv2d(3, { padding: 1 }), separableConv2d(6, 3), convTranspose2d(2, 2)], {
    inputShape: [3, 5, 5],
  });
  expect(images.forward(zeros([1, 3, 5, 5])).shape).toEqual([1, 2, 4, 4]);
  expect(sequential([causalConv1d(4, 3)], { inputShape: [2, 7] }).forward(zeros([1, 2, 7])).shape).toEqual([1, 4, 7]);
});

test.each([
  ["pixel_shuffle/3", new PixelShuffle(3)],
  ["pixel_unshuffle/2", new PixelUnshuffle(2)],
  ["channel_shuffle", new ChannelShuffle(3)],
] as const)("%s", async (id, layer) => {
  expect(await pools.faultOfLayer(layer, id)).toBeUndefined();
});

test("what cannot be rearranged is said", () => {
  expect(new Unflatten(-1, [2, 3]).forward(zeros([4, 6])).shape).toEqual([4, 2, 3]);
  expect(() => new Unflatten(1, [2, 2]).forward(zeros([4, 6]))).toThrow("24 elements");
  expect(() => pixelShuffle(zeros([1, 3, 2, 2]), 2)).toThrow("channels 3 is not a multiple of 4");
  expect(() => pixelUnshuffle(zeros([1, 1, 3, 2]), 2)).toThrow("height 3 is not a multiple of 2");
  expect(() => pixelShuffle(zeros([1, 4, 2]), 2)).toThrow("give [batch, channels, H, W]");
  expect(() => channelShuffle(zeros([1, 4, 2]), 3)).toThrow("4 is not a multiple of 3");
});
