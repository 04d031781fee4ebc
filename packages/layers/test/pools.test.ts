// Poolings give PyTorch's answers, and say what does not fit.
import { type Tensor, maxPoolWithIndices, tensor, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, test } from "vitest";
import { expectGradient, expectSecondGradient } from "../../core/test/support/differences.ts";
import { distinct, uniform } from "../../core/test/support/numbers.ts";
import {
  GlobalAvgPool,
  GlobalMaxPool,
  MaxUnpool,
  type Module,
  SpatialPyramidPool,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  crossChannelPool,
  flatten,
  lpPool,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxUnpool,
  sequential,
  spatialPyramidPool,
  spatialPyramidPool2d,
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
  "lp_pool2d/norm3-stride1": lpPool2d(3, 3, { stride: 1 }),
  "lp_pool1d/norm1.5": lpPool1d(1.5, 2),
  "adaptive_avg_pool1d/11": adaptiveAvgPool1d(4),
  "adaptive_avg_pool2d/6x8-to3x4": adaptiveAvgPool2d([3, 4]),
  "adaptive_avg_pool2d/13x13-to7x7": adaptiveAvgPool2d(7),
  "adaptive_avg_pool2d/7x6-tosamex4": adaptiveAvgPool2d([null, 4]),
  "adaptive_avg_pool3d/4x5x6": adaptiveAvgPool3d([2, 3, 4]),
  "adaptive_max_pool1d/3": adaptiveMaxPool1d(5),
  "adaptive_max_pool2d/6x8-to3x4": adaptiveMaxPool2d([3, 4]),
  "adaptive_max_pool2d/7x5-to3x2": adaptiveMaxPool2d([3, 2]),
  "adaptive_max_pool3d/4x5x6": adaptiveMaxPool3d([2, 3, 4]),
  "spatial-pyramid": spatialPyramidPool2d([1, 2, 4]),
  "global/average": new GlobalAvgPool(),
  "global/max": new GlobalMaxPool(),
};

test.each(Object.entries(cases))("%s", async (id, layer) => {
  expect(await goldens.faultOfLayer(layer, id)).toBeUndefined();
});

test("what does not fit is said", () => {
  expect(() => maxPool2d(2).forward(zeros([1, 2, 4]))).toThrow("give 4 axes");
  expect(() => avgPool1d(2).forward(zeros([1, 2, 4, 4]))).toThrow("give 3 axes");
  expect(() => maxPool2d(5).forward(zeros([1, 2, 4, 4]))).toThrow(
    /kernel of 5 does not fit spatial axis 0 of length 4/,
  );
  expect(() => maxPool2d(2, { stride: 0 }).forward(zeros([1, 2, 4, 4]))).toThrow(
    /stride \[0, 0\] has an entry below 1/,
  );
  expect(() => avgPool2d(2, { stride: -1 }).forward(zeros([1, 2, 4, 4]))).toThrow(/stride \[-1, -1\]/);
  expect(() => avgPool2d(2, { padding: -1 }).forward(zeros([1, 2, 4, 4]))).toThrow(/padding .* has an entry below 0/);
  expect(() => adaptiveMaxPool2d(2).forward(zeros([1, 2, 4]))).toThrow("AdaptiveMaxPool: the input is [1, 2, 4]");
});

describe("Lp pooling", () => {
  test("says what is no order or kernel", () => {
    expect(() => lpPool(zeros([1, 1, 4]), 0, 2)).toThrow("order is 0");
    expect(() => lpPool2d(-1, 2)).toThrow("order is -1");
    expect(() => lpPool(zeros([1, 1, 4]), 2, [2, 2])).toThrow("lpPool: the kernel has 2 axes");
    expect(() => lpPool3d(2, 2).forward(zeros([1, 1, 4]))).toThrow("give 5 axes");
  });

  test("has a gradient, and none where a window is 0", async () => {
    expect(lpPool3d(2, 2).forward(zeros([1, 1, 2, 2, 2])).shape).toEqual([1, 1, 1, 1, 1]);
    await expectGradient((x) => lpPool(x, 2, 2), [uniform([1, 2, 4, 4], 1, 0.5, 1)]);
    await expectSecondGradient((x) => lpPool(x, 2, 2), [uniform([1, 1, 2, 4], 2, 0.5, 1)]);
    await expectGradient((x) => lpPool(x, 2, 2).square(), [tensor([[[0, 0, 1, 2]]])]);
  });
});

describe("unpooling", () => {
  const places = (shape: number[], ...indices: number[]): Tensor => tensor(Int32Array.from(indices), { shape });

  test.each(["max_unpool1d", "max_unpool2d"])("%s at indices that are given", async (name) => {
    const [values, indices] = [goldens.tensor(`${name}/indices-given/in/input`), goldens.tensor(`${name}/indices-given/in/indices`)]; // prettier-ignore
    expect(await goldens.fault(maxUnpool(values, indices, 2), `${name}/indices-given`)).toBeUndefined();
  });

  test("puts the winners back, over 1 to 3 axes", async () => {
    const { values, indices } = maxPool1d(2).withIndices(tensor([[[1, 3, 2, 1]]]));
    expect([...(await new MaxUnpool(2).forward(values, indices).data())]).toEqual([0, 3, 2, 0]);
    const x = distinct([2, 2, 4, 3, 5], 1);
    const pool = maxPoolWithIndices(x, [2, 3, 2], { ceilMode: true });
    const y = await maxUnpool(pool.values, pool.indices, [2, 3, 2], { outputSize: [4, 3, 5] }).data();
    const winners = new Set(await pool.values.data());
    const all = await x.data();
    expect([...y]).toEqual(Array.from(all, (value) => (winners.has(value) ? value : 0)));
  });

  test("windows that overlap put their winner once, and it has the gradient once", async () => {
    const x = tensor([[[0, 1, 5, 2, 3]]]);
    const there = (z: Tensor): Tensor => {
      const { values, indices } = maxPoolWithIndices(z, 3, { stride: 1 });
      return maxUnpool(values, indices, 3, { stride: 1 });
    };
    expect([...(await there(x).data())]).toEqual([0, 0, 5, 0, 0]);
    await expectGradient(there, [x]);
  });

  test("has the gradients of both orders", async () => {
    const indices = places([1, 2, 2], 0, 3, 2, 1);
    expect(maxUnpool(zeros([1, 2, 2]), indices, 2).shape).toEqual([1, 2, 4]);
    await expectGradient((x) => maxUnpool(x, indices, 2), [uniform([1, 2, 2], 3)]);
    await expectSecondGradient((x) => maxUnpool(x, indices, 2).square(), [uniform([1, 2, 2], 4)]);
  });

  test("takes stride and padding into account, and sizes that were floored away", () => {
    const [x, indices] = [zeros([1, 1, 2, 2]), places([1, 1, 2, 2], 0, 1, 2, 3)];
    expect(maxUnpool(x, indices, 3, { stride: 2, padding: 1 }).shape).toEqual([1, 1, 3, 3]);
    expect(maxUnpool(x, indices, 2, { outputSize: [5, 4] }).shape).toEqual([1, 1, 5, 4]);
  });

  test("says what does not fit", () => {
    const [x, indices] = [zeros([1, 1, 2, 2]), places([1, 1, 2, 2], 0, 1, 2, 3)];
    expect(() => maxUnpool(x, indices, 2, { outputSize: [6, 4] })).toThrow(
      "maxUnpool: the output [6, 4] is not what a pooling to [2, 2] has seen. Remedy: give sizes near [4, 4]",
    );
    expect(() => maxUnpool(x, places([1, 1, 2, 2], 0, 1, 2, 16), 2)).toThrow("index 16 is not in a plane [4, 4] of 16");
    expect(() => maxUnpool(x, places([1, 1, 4], 0, 1, 2, 3), 2)).toThrow("values are [1, 1, 2, 2], indices [1, 1, 4]");
    expect(() => maxUnpool(x, indices, 2, { stride: 0 })).toThrow("maxUnpool: stride is 0");
    expect(() => maxUnpool(x, indices, 2, { stride: [1] })).toThrow("maxUnpool: the stride has 1 axes");
    expect(() => maxUnpool(x, indices, 2, { padding: [1] })).toThrow("padding has 1 entries");
    expect(() => new MaxUnpool([2, 2, 2]).forward(x, indices)).toThrow("the kernel has 3 axes");
    expect(() => maxUnpool(zeros([2, 2]), zeros([2, 2], "int32"), 2)).toThrow("the input is [2, 2]");
  });
});

describe("spatial pyramid", () => {
  test("gives one length whatever the size, of maxima or of means", async () => {
    const net = (inputShape: number[]): Tensor =>
      sequential([spatialPyramidPool2d([1, 2, 3]), flatten()], { inputShape }).forward(zeros([2, ...inputShape]));
    expect(net([3, 7, 5]).shape).toEqual([2, 3 * 14]);
    expect(net([3, 4, 9]).shape).toEqual([2, 3 * 14]);
    const line = tensor([[[1, 2, 3, 6]]]);
    expect([...(await spatialPyramidPool(line, [1, 2]).data())]).toEqual([6, 2, 6]);
    expect([...(await new SpatialPyramidPool([1, 2], { of: "average" }).forward(line).data())]).toEqual([3, 1.5, 4.5]);
  });

  test("says what is wrong", () => {
    expect(() => spatialPyramidPool2d([])).toThrow("there are no levels");
    expect(() => spatialPyramidPool(zeros([1, 1, 4]), [])).toThrow("there are no levels");
    expect(() => spatialPyramidPool(zeros([1, 1, 4]), [0])).toThrow("size is 0");
  });
});

test("cross-channel pooling takes the largest of neighbouring channels", async () => {
  const x = tensor([[[1], [4], [3], [2]]]);
  expect([...(await crossChannelPool(2).forward(x).data())]).toEqual([4, 3]);
});
