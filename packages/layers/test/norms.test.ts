// Normalisation layers give PyTorch's answers, state included, and say what does not fit.
import { tensor, useBackend, valueAndGrad, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it, test } from "vitest";
import {
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  LocalResponseNorm,
  type Module,
  RMSNorm,
  groupNorm,
  layerNorm,
  localResponseNorm,
  normalize,
  stateDict,
} from "../src/index.ts";
import { Goldens } from "./golden.ts";

beforeAll(() => useBackend(reference()));

const goldens = new Goldens("ops-norm");

const cases: Readonly<Record<string, Module>> = {
  "layer_norm/last": new LayerNorm(7),
  "layer_norm/last-rank-4": new LayerNorm(5, { epsilon: 1e-6 }),
  "layer_norm/two": new LayerNorm([4, 5]),
  "layer_norm/three": new LayerNorm([3, 4, 4]),
  "layer_norm/not-affine": new LayerNorm([6], { affine: false }),
  "layer_norm/no-bias": new LayerNorm(6, { bias: false }),
  "rms_norm/last": new RMSNorm(7, { epsilon: 1e-6 }),
  "rms_norm/two": new RMSNorm([3, 4], { epsilon: 1e-5, affine: false }),
  "group_norm/two": new GroupNorm(2, goldens.tensor("group_norm/two/in/weight").size),
  "group_norm/rank-5": new GroupNorm(2, goldens.tensor("group_norm/rank-5/in/weight").size),
  "instance_norm1d/affine": new InstanceNorm1d(3, { affine: true }),
  "instance_norm2d/plain": new InstanceNorm2d(3),
  "instance_norm3d/affine": new InstanceNorm3d(2, { affine: true }),
  "local_response_norm/alexnet": new LocalResponseNorm(5, { k: 2 }),
  "local_response_norm/size-4": new LocalResponseNorm(4, { alpha: 0.2, beta: 1 }),
};

test.each(Object.entries(cases))("%s", async (id, layer) => {
  expect(await goldens.faultOfLayer(layer, id)).toBeUndefined();
});

describe("InstanceNorm2d with running statistics", () => {
  it("moves them in training and uses them in evaluation", async () => {
    const id = "instance_norm2d/tracked-train";
    const layer = new InstanceNorm2d(2, { affine: true, trackRunningStatistics: true });
    expect(await goldens.faultOfLayer(layer, id)).toBeUndefined();
    for (const [name, cell] of [
      ["running_mean", layer.running_mean],
      ["running_var", layer.running_var],
    ] as const)
      expect(cell && (await goldens.fault(cell.value, id, name))).toBeUndefined();
    const other = new InstanceNorm2d(3, { affine: true, trackRunningStatistics: true });
    expect(await goldens.faultOfLayer(other, "instance_norm2d/tracked-eval", "evaluation")).toBeUndefined();
  });

  it("has PyTorch's keys", () => {
    expect([...stateDict(new InstanceNorm2d(2, { affine: true, trackRunningStatistics: true })).keys()]).toEqual([
      "weight",
      "bias",
      "running_mean",
      "running_var",
      "num_batches_tracked",
    ]);
  });

  it("refuses to guess the mode inside a gradient", () => {
    const layer = new InstanceNorm2d(1, { trackRunningStatistics: true });
    expect(() => valueAndGrad(() => layer.forward(zeros([1, 1, 2, 2])).sum())(tensor(0))).toThrow("InstanceNorm2d");
  });
});

test("normalize makes vectors of length 1, and leaves zeros", async () => {
  const x = tensor([
    [3, 4],
    [0, 0],
  ]);
  const y = await normalize(x).data();
  expect(Array.from(y, (value) => Math.round(value * 1e6) / 1e6)).toEqual([0.6, 0.8, 0, 0]);
});

test("what does not fit is said", () => {
  expect(() => groupNorm(zeros([1, 4, 2]), 3)).toThrow("4 channels do not divide into 3 groups");
  expect(() => new GroupNorm(3, 4)).toThrow("4 channels do not divide into 3 groups");
  expect(() => layerNorm(zeros([2, 3]), [2])).toThrow("[2] is to be normalised");
  expect(() => layerNorm(zeros([2]), [1, 2])).toThrow("[1, 2] is to be normalised");
  expect(() => new LayerNorm(0)).toThrow("length is 0");
  expect(() => new RMSNorm(0)).toThrow("length is 0");
  expect(() => localResponseNorm(zeros([1, 2, 3]), 0)).toThrow("size is 0");
  expect(() => new LocalResponseNorm(0)).toThrow("size is 0");
  expect(() => new InstanceNorm2d(2).forward(zeros([1, 3, 2, 2]))).toThrow("give 4 axes, [batch, 2 channels, ...]");
});
