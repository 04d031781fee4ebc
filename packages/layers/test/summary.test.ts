// The summary of a model: figures of published models, user-written ones, and receptive fields held against gradients.
import { inspect } from "node:util";
import {
  type Initialiser,
  Parameter,
  type Tensor,
  add,
  matmul,
  namedCells,
  relu,
  setSeed,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import {
  CausalConv1d,
  Conv2d,
  Linear,
  type LayerFactory,
  Module,
  type ReceptiveField,
  concatenated,
  conv1d,
  conv2d,
  countParameters,
  dense,
  dropout,
  flatten,
  globalAvgPool,
  lstm,
  maxPool2d,
  residual,
  sequential,
  summary,
} from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

function field(model: Module, inputShape: readonly number[], path?: string): readonly ReceptiveField[] | null {
  const { rows } = summary(model, inputShape);
  const row = path === undefined ? rows.at(-1) : rows.find((one) => one.path === path);
  return row?.receptiveField ?? null;
}

const refused: Initialiser = () => {
  throw new Error("a parameter got its first value");
};

describe("published models", () => {
  const relu3 = { padding: 1, activation: "relu", weightInitialiser: refused } as const;
  const vgg = [2, 2, 3, 3, 3].flatMap((count, stage): (LayerFactory | Module)[] => [
    ...Array.from({ length: count }, () => conv2d(Math.min(512, 64 * 2 ** stage), 3, relu3)),
    maxPool2d(2),
  ]);

  it("VGG-16: 138 million parameters and 15.5 billion multiply-adds, none of which is made or done", () => {
    const model = sequential(
      [
        ...vgg,
        flatten(),
        ...[4096, 4096, 1000].flatMap((size) => [dense(size, { weightInitialiser: refused }), dropout()]),
      ],
      {
        inputShape: [3, 224, 224],
      },
    );
    const found = summary(model, [3, 224, 224]);
    expect(found.parameters).toBe(138_357_544); // torchvision
    expect(found.multiplyAdds).toBe(15_470_264_320);
    expect(countParameters(model)).toBe(138_357_544);
    // By the recurrence, proved with gradients in PyTorch.
    expect(field(model, [3, 224, 224], "17")?.[0]).toEqual({ field: 212, jump: 32, start: -90 });
    expect(field(model, [3, 224, 224], "13")?.[1]).toEqual({ field: 100, jump: 16, start: -42 });
  });

  it("AlexNet", () => {
    const model = sequential(
      [
        conv2d(64, 11, { stride: 4, padding: 2 }),
        maxPool2d(3, { stride: 2 }),
        conv2d(192, 5, { padding: 2 }),
        maxPool2d(3, { stride: 2 }),
        conv2d(384, 3, relu3),
        conv2d(256, 3, relu3),
        conv2d(256, 3, relu3),
        maxPool2d(3, { stride: 2 }),
        flatten(),
        dense(4096),
        dense(4096),
        dense(1000),
      ],
      { inputShape: [3, 224, 224] },
    );
    const { parameters, multiplyAdds, rows } = summary(model, [3, 224, 224]);
    expect([parameters, multiplyAdds]).toEqual([61_100_840, 714_188_480]); // torchvision
    expect(rows.slice(0, 8).map(({ receptiveField }) => receptiveField?.[0])).toEqual(
      [
        [11, 4, -2],
        [19, 8, -2],
        [51, 8, -18],
        [67, 16, -18],
        [99, 16, -34],
        [131, 16, -50],
        [163, 16, -66],
        [195, 32, -66],
      ].map(([size, jump, start]) => ({ field: size, jump, start })),
    );
  });

  it("dilated context module, causal stack, inception blocks", () => {
    const context = sequential(
      [1, 1, 2, 4, 8, 16, 1].map((dilation) => conv2d(4, 3, { dilation, padding: dilation })),
      { inputShape: [4, 20, 20] },
    );
    expect(field(context, [4, 20, 20])?.[0]).toEqual({ field: 67, jump: 1, start: -33 });
    const causal = sequential(
      [1, 1, 2, 4, 8, 16, 32, 1, 2, 4, 8, 16, 32].map((dilation) => new CausalConv1d(1, 1, 2, { dilation })),
    );
    expect(field(causal, [1, 40])).toEqual([{ field: 128, jump: 1, start: -127 }]);
    const inception = sequential(
      [
        conv2d(8, 7, { stride: 2, padding: 3 }),
        maxPool2d(3, { stride: 2 }),
        concatenated([[conv2d(2, 1)], [conv2d(2, 3, { padding: 1 })], [conv2d(2, 5, { padding: 2 })]]),
      ],
      { inputShape: [3, 64, 64] },
    );
    expect(field(inception, [3, 64, 64], "2.branches.0.0")?.[0]).toEqual({ field: 11, jump: 4, start: -3 });
    expect(field(sequential([inception, conv2d(1, 1)], { inputShape: [3, 64, 64] }), [3, 64, 64])?.[0]).toEqual({
      field: 27,
      jump: 4,
      start: -11,
    });
  });

  it("L layers of K see 1 + L (K - 1)", () => {
    for (const [layers, kernel] of [
      [1, 3],
      [4, 3],
      [7, 5],
    ] as const) {
      const stack = sequential(
        Array.from({ length: layers }, () => conv1d(1, kernel)),
        { inputShape: [1, 64] },
      );
      expect(field(stack, [1, 64])?.[0]?.field).toBe(1 + layers * (kernel - 1));
    }
  });
});

describe("models of a user's own", () => {
  class Scale extends Module {
    readonly factor = new Parameter([1, 8, 1, 1], refused);
    readonly conv = new Conv2d(8, 8, 3, { padding: 1, groups: 4, weightInitialiser: refused });
    override forward(x: Tensor): Tensor {
      return relu(this.conv.forward(x.mul(this.factor.value)));
    }
  }
  class Net extends Module {
    readonly stem = new Conv2d(3, 8, 3, { stride: 2, weightInitialiser: refused });
    readonly blocks = [new Scale(), new Scale()];
    readonly unused = new Linear(8, 2);
    readonly head = new Parameter([5, 8], refused);
    override forward(x: Tensor): Tensor {
      const y = this.blocks.reduce((z, block) => add(block.forward(z), z), this.stem.forward(x));
      return matmul(y.mean([2, 3]), this.head, { transposeB: true });
    }
  }

  it("has a row for each layer, in the order of the calls, with what is its own", () => {
    const found = summary(new Net(), [3, 17, 17]);
    expect(found.rows.map(({ path, kind, outputShape, parameters }) => [path, kind, outputShape, parameters])).toEqual([
      ["stem", "Conv2d", [8, 8, 8], 3 * 8 * 9 + 8],
      ["blocks.0.conv", "Conv2d", [8, 8, 8], 8 * 2 * 9 + 8],
      ["blocks.0", "Scale", [8, 8, 8], 8],
      ["blocks.1.conv", "Conv2d", [8, 8, 8], 8 * 2 * 9 + 8],
      ["blocks.1", "Scale", [8, 8, 8], 8],
      ["", "Net", [5], 40],
      ["unused", "Linear", null, 18],
    ]);
    expect(found.rows.map(({ multiplyAdds }) => multiplyAdds)).toEqual([
      64 * 216,
      64 * 144,
      0,
      64 * 144,
      0,
      40, // the head, a product in the model's own forward
      0,
    ]);
    expect(found.parameters).toBe(countParameters(new Net()));
    expect(found.rows.at(-2)?.receptiveField?.[0]).toEqual({ field: 25, jump: 2, start: -4 });
  });

  it("counts a shared layer once, but what it does each time", () => {
    const shared = new Linear(4, 4, { bias: false });
    const model = sequential([shared, shared, new Linear(4, 1)]);
    const { rows, parameters, multiplyAdds } = summary(model, [4]);
    expect(rows.map(({ path }) => path)).toEqual(["0", "2"]);
    expect([parameters, multiplyAdds]).toEqual([16 + 5, 16 + 16 + 4]);
  });

  it("says what is frozen", () => {
    const model = sequential([new Linear(4, 4), new Linear(4, 1)]);
    for (const [path, cell] of namedCells(model))
      if (cell instanceof Parameter && path.startsWith("0.")) cell.trainable = false;
    const found = summary(model, [4]);
    expect([found.parameters, found.trainableParameters, countParameters(model, { trainable: true })]).toEqual([
      25, 5, 5,
    ]);
    expect(String(found)).toContain("25 parameters, 20 of them frozen; 20 multiply-adds");
  });

  it("leaves the model as it was, also when it fails", () => {
    const model = new Net();
    expect(() => summary(model, [4, 17, 17])).toThrow(/^stem: conv: the input has 4 channels/);
    expect(Object.hasOwn(model.stem, "forward")).toBe(false);
    expect(() => summary(Object.create(null) as Module, [1])).toThrow("is no module");
  });

  it("takes several inputs, tokens, and layers whose output is not a tensor", () => {
    class Two extends Module<[Tensor, Tensor]> {
      readonly mix = new Linear(3, 2);
      override forward(a: Tensor, b: Tensor): Tensor {
        return this.mix.forward(add(a, b));
      }
    }
    expect(summary(new Two(), [[3], [3]]).multiplyAdds).toBe(6);
    const words = sequential([lstm(4), dense(2)].slice(0, 1), { inputShape: [7, 3] });
    // Recurrent layers are not counted, as in published figures.
    expect(summary(words, [7, 3]).rows).toMatchObject([{ kind: "LSTM", outputShape: [7, 4], multiplyAdds: 0 }]);
  });

  it("is a table that fits a terminal", () => {
    const model = sequential(
      [
        conv2d(32, 5, { padding: 2 }),
        maxPool2d(2),
        residual([conv2d(32, 3, { padding: 1 })]),
        globalAvgPool(),
        dense(10),
      ],
      { inputShape: [3, 32, 32] },
    );
    expect(inspect(summary(model, [3, 32, 32])).split("\n")).toEqual([
      "layer     kind           output    parameters  mult-adds  sees  jump  start",
      "---------------------------------------------------------------------------",
      "0         Conv2d         32x32x32       2,432     2.46 M     5     1     -2",
      "1         MaxPool2d      32x16x16                            6     2     -2",
      "2.body.0  Conv2d         32x16x16       9,248     2.36 M    10     2     -4",
      "3         GlobalAvgPool  32                                 40     2     -4",
      "4         Linear         10               330        320    40     2     -4",
      "---------------------------------------------------------------------------",
      "12,010 parameters; 4,817,216 multiply-adds for one example",
      "48 kB of parameters; activations of one example: 164 kB in inference, 209 kB in training",
    ]);
  });
});
