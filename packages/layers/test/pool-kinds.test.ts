// Poolings give PyTorch's answers, and say what does not fit.
import { maxPoolWithIndices, tensor, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, expect, test } from "vitest";
import {
  AdaptiveAvgPool,
  AdaptiveMaxPool,
  GlobalAvgPool,
  GlobalMaxPool,
  LpPool,
  type Module,
  adaptiveAvgPool,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxUnpool,
} from "../src/index.ts";
import { Goldens } from "./golden.ts";

beforeAll(() => useBackend(reference()));

const goldens = new Goldens("ops-pool");

const cases: Readonly<Record<string, Module>> = {
  "max_pool1d/3-stride2-padding1": maxPool1d(3, { stride: 2, padding: 1 }),
  "max_pool2d/3x3-stride2-ceil": maxPool2d(3, { stride: 2, ceilMode: true }),
  "max_pool3d/1x2x2": maxPool3d([1, 2, 2]),
  "avg_pool1d/3-ceil": avgPool1d(3, { stride: 2, ceilMode: true }),
  "avg_pool2d/divisor": avgPool2d(3, { stride: 2, divisor: 5 }),
  "avg_pool3d/2": avgPool3d(2),
  "lp_pool2d/norm3-stride1": new LpPool(3, 3, { stride: 1 }),
  "lp_pool1d/norm1.5": new LpPool(1.5, 2),
  "adaptive_avg_pool2d/6x8-to3x4": new AdaptiveAvgPool([3, 4]),
  "adaptive_max_pool2d/6x8-to3x4": new AdaptiveMaxPool([3, 4]),
  "adaptive_avg_pool3d/3x4x3": new AdaptiveAvgPool(1),
  "global/average": new GlobalAvgPool(),
  "global/max": new GlobalMaxPool(),
};

test.each(Object.entries(cases))("%s", async (id, layer) => {
  expect(await goldens.faultOfLayer(layer, id)).toBeUndefined();
});

test("an axis without a size stays", () => {
  expect(adaptiveAvgPool(zeros([1, 1, 5, 4]), [null, 2]).shape).toEqual([1, 1, 5, 2]);
});

test("windows of different sizes are refused, not approximated", () => {
  expect(() => adaptiveAvgPool(zeros([1, 1, 7, 6]), 3)).toThrow("does not divide into 3 equal windows");
  expect(() => adaptiveAvgPool(zeros([1, 1, 6]), [3, 3])).toThrow("2 sizes for 1 spatial axes");
  expect(() => adaptiveAvgPool(zeros([1, 1, 6]), 0)).toThrow("size is 0");
});

test("what does not fit is said", () => {
  expect(() => maxPool2d(2).forward(zeros([1, 2, 4]))).toThrow("give 4 axes");
  expect(() => avgPool1d(2).forward(zeros([1, 2, 4, 4]))).toThrow("give 3 axes");
  expect(() => lpPool(zeros([1, 1, 4]), 0, 2)).toThrow("order is 0");
  expect(() => new LpPool(-1, 2)).toThrow("order is -1");
});

test("unpooling puts the winners back", async () => {
  const { values, indices } = maxPoolWithIndices(tensor([[[1, 3, 2, 1]]]), 2);
  expect(Array.from(await maxUnpool(values, indices, [4], 2).data())).toEqual([0, 3, 2, 0]);
});
