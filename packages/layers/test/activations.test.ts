// Activations: the layers give PyTorch's answers; the functions say what does not fit. Gradients are held in tests/ against the same goldens.
import { tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it, test } from "vitest";
import {
  CELU,
  CReLU,
  ELU,
  GELU,
  GELUTanh,
  GLU,
  HardSigmoid,
  HardSwish,
  HardTanh,
  Hardshrink,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Maxout,
  Mish,
  type Module,
  PReLU,
  ReLU6,
  SELU,
  SiLU,
  Softmax,
  Softplus,
  Softshrink,
  Softsign,
  Tanhshrink,
  Threshold,
  dense,
  gelu,
  glu,
  maxout,
  prelu,
  sequential,
  stateDict,
} from "../src/index.ts";
import { Goldens } from "./golden.ts";

beforeAll(() => useBackend(reference()));

const cases: Readonly<Record<string, Module>> = {
  relu6: new ReLU6(),
  "leaky_relu/default": new LeakyReLU(),
  "leaky_relu/0.2": new LeakyReLU(0.2),
  "elu/1.5": new ELU(1.5),
  selu: new SELU(),
  "celu/0.7": new CELU(0.7),
  "gelu/none": new GELU(),
  "gelu/tanh": new GELUTanh(),
  silu: new SiLU(),
  mish: new Mish(),
  hardswish: new HardSwish(),
  hardsigmoid: new HardSigmoid(),
  "hardtanh/default": new HardTanh(),
  "hardtanh/asymmetric": new HardTanh(-2, 0.5),
  "softplus/default": new Softplus(),
  "softplus/beta-2": new Softplus({ beta: 2 }),
  softsign: new Softsign(),
  softshrink: new Softshrink(),
  hardshrink: new Hardshrink(),
  tanhshrink: new Tanhshrink(),
  threshold: new Threshold(0.1, 20),
  logsigmoid: new LogSigmoid(),
  "glu/dim-1": new GLU(1),
  "glu/last": new GLU(),
  maxout: new Maxout(3),
  crelu: new CReLU(),
};

describe("against PyTorch", () => {
  const goldens = new Goldens("ops-elementwise");
  test.each(Object.entries(cases))("%s", async (id, layer) => {
    expect(await goldens.faultOfLayer(layer, id)).toBeUndefined();
  });

  test("prelu", async () => {
    const channels = goldens.tensor("prelu/channels/in/weight").size;
    expect(await goldens.faultOfLayer(new PReLU(channels), "prelu/channels")).toBeUndefined();
    expect(await goldens.faultOfLayer(new PReLU(), "prelu/shared")).toBeUndefined();
  });
});

test("softmax and its logarithm are along the channels", async () => {
  const x = tensor([[0, Math.log(3)]]);
  const [y, log] = [await new Softmax().forward(x).data(), await new LogSoftmax().forward(x).data()];
  expect(y[0]).toBeCloseTo(0.25, 6);
  expect(y[1]).toBeCloseTo(0.75, 6);
  expect(log[0]).toBeCloseTo(Math.log(0.25), 6);
});

describe("PReLU", () => {
  it("starts at a quarter, under PyTorch's name", async () => {
    const entries = [...stateDict(new PReLU(2))];
    expect(entries.map(([name]) => name)).toEqual(["weight"]);
    expect([...((await entries[0]?.[1].data()) ?? [])]).toEqual([0.25, 0.25]);
  });

  it("refuses other counts than one or the channels'", () => {
    expect(() => prelu(tensor([[1, 2, 3]]), tensor([0.1, 0.2]))).toThrow("2 slopes for 3 channels");
    expect(() => new PReLU(0)).toThrow("channels is 0");
  });
});

test("what does not divide is said", () => {
  expect(() => glu(tensor([1, 2, 3]))).toThrow("has 3 elements");
  expect(() => maxout(tensor([[1, 2, 3]]), 2)).toThrow("does not divide into pieces of 2");
  expect(() => maxout(tensor([[1, 2, 3]]), 3, 2)).toThrow("no axis 2 among 2");
});

test("an activation is an option of a layer, or a layer of a list", () => {
  const model = sequential([dense(4, { activation: gelu }), new GLU(), dense(3, { activation: "tanh" })], {
    inputShape: [2],
  });
  expect(model.forward(tensor([[1, 2]])).shape).toEqual([1, 3]);
});
