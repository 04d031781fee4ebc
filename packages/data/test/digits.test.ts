import { AttributeError, setSeed } from "@stria/core";
import { describe, expect, it } from "vitest";
import { digits } from "../src/digits.ts";
import type { ImageDataset } from "../src/image-dataset.ts";
import { loader } from "../src/loader.ts";

const count = 10;

/** Accuracy on `test` of a linear model fitted to `train` by logistic regression: stochastic gradient descent, several passes. */
function linearAccuracy(train: ImageDataset, test: ImageDataset, passes: number): number {
  const size = 784;
  const weights = new Float64Array(count * (size + 1));
  const scores = (x: Float32Array): Float64Array => {
    const sums = new Float64Array(count);
    for (let digit = 0; digit < count; digit++) {
      const start = digit * (size + 1);
      let sum = weights[start + size] ?? 0;
      for (let pixel = 0; pixel < size; pixel++) sum += (weights[start + pixel] ?? 0) * (x[pixel] ?? 0);
      sums[digit] = sum;
    }
    return sums;
  };
  for (let pass = 0; pass < passes; pass++)
    for (let index = 0; index < train.length; index++) {
      const { x, y } = train.get(index);
      const powers = scores(x).map((score, _, all) => Math.exp(score - Math.max(...all)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      const rate = 0.002 / (1 + pass);
      for (let digit = 0; digit < count; digit++) {
        const step = rate * ((powers[digit] ?? 0) / total - (digit === y ? 1 : 0));
        const start = digit * (size + 1);
        for (let pixel = 0; pixel < size; pixel++)
          weights[start + pixel] = (weights[start + pixel] ?? 0) - step * (x[pixel] ?? 0);
        weights[start + size] = (weights[start + size] ?? 0) - step;
      }
    }
  let right = 0;
  for (let index = 0; index < test.length; index++) {
    const { x, y } = test.get(index);
    const found = scores(x);
    if (found.indexOf(Math.max(...found)) === y) right++;
  }
  return right / test.length;
}

describe("digits", () => {
  it("are as many as asked, of MNIST's shape", () => {
    const { train, test } = digits();
    expect([train.length, test.length]).toEqual([60_000, 10_000]);
    expect(train.fields.x).toEqual({ shape: [1, 28, 28], dtype: "float32" });
    expect(train.numClasses).toBe(10);
    expect(test.get(9_999).x.length).toBe(784);
    expect(digits({ pad: 2 }).train.fields.x.shape).toEqual([1, 32, 32]);
  });

  it("are a function of the seed, the part and the index alone", () => {
    const first = digits({ seed: 7 });
    const pixels = first.train.pixels(123).slice();
    setSeed(99);
    const again = digits({ seed: 7, train: 124 });
    for (let index = 0; index < 20; index++) again.train.get(index);
    expect(again.train.pixels(123)).toEqual(pixels);
    expect(again.train.label(123)).toBe(first.train.label(123));
    expect(first.test.pixels(123)).not.toEqual(pixels);
    expect(digits({ seed: 8 }).train.pixels(123)).not.toEqual(pixels);
  });

  it("have every class about equally often, ink in the middle and the stated mean and deviation", () => {
    const { train } = digits({ train: 4000 });
    const labels = Array.from({ length: 4000 }, (_, index) => train.label(index));
    for (let digit = 0; digit < count; digit++)
      expect(Math.abs(labels.filter((label) => label === digit).length - 400)).toBeLessThan(80);
    let sum = 0;
    let squares = 0;
    let border = 0;
    for (let index = 0; index < 4000; index++)
      for (const [place, value] of train.get(index).x.entries()) {
        sum += value;
        squares += value * value;
        if (place < 28 && (train.pixels(index)[place] ?? 0) > 0) border++;
      }
    const size = 4000 * 784;
    expect(Math.abs(sum / size)).toBeLessThan(0.02);
    expect(Math.abs(squares / size - 1)).toBeLessThan(0.03);
    expect(border / (4000 * 28)).toBeLessThan(0.01);
  });

  it("are of many shapes: no two alike, whole range of inks", () => {
    const { test } = digits({ test: 1000 });
    const pictures = new Set(Array.from({ length: 1000 }, (_, index) => test.pixels(index).join()));
    expect(pictures.size).toBe(1000);
    const strongest = Array.from({ length: 1000 }, (_, index) => Math.max(...test.pixels(index)));
    expect(Math.min(...strongest)).toBeGreaterThan(120);
  });

  it("are learnt by a linear model, but not well", () => {
    const { train, test } = digits({ train: 6000, test: 2000 });
    const accuracy = linearAccuracy(train, test, 3);
    expect(accuracy).toBeGreaterThan(0.7);
    expect(accuracy).toBeLessThan(0.93);
  });

  it("go through a loader", async () => {
    const { train } = digits({ train: 100, pad: 2 });
    let seen = 0;
    for await (const batch of loader(train, { batchSize: 64, shuffle: true })) seen += batch.x.shape[0] ?? 0;
    expect(seen).toBe(100);
  });

  it("refuse counts and seeds that are not whole", () => {
    expect(() => digits({ train: -1 })).toThrow(/train -1 is not a whole number/);
    expect(() => digits({ test: 0.5 })).toThrow(AttributeError);
    expect(() => digits({ seed: -1 })).toThrow(AttributeError);
    expect(() => digits({ train: 3 }).train.get(3)).toThrow("there is no sample 3 of 3");
  });
});
