import { expect, test } from "vitest";
import { image, parameter, uniform } from "../src/golden/fill.ts";

test("the check values of the format", () => {
  expect([...uniform("conv1.weight", 4)]).toEqual([
    0.08939694846048951, 0.14915169589221478, 0.9609690953511745, 0.9867225892376155,
  ]);
});

test("scales follow the last part of the name and the shape", () => {
  const range = (values: Float32Array): [number, number] => [Math.min(...values), Math.max(...values)];
  const [low, high] = range(parameter("layer1.0.conv1.weight", [16, 16, 3, 3]));
  const bound = Math.sqrt(6 / 144);
  expect(low).toBeGreaterThanOrEqual(-bound);
  expect(low).toBeLessThan(-0.99 * bound);
  expect(high).toBeLessThan(bound);
  expect(high).toBeGreaterThan(0.99 * bound);
  for (const [name, least, most] of [
    ["bn.running_var", 0.5, 1.5],
    ["bn.running_mean", -0.1, 0.1],
    ["bn.weight", 0.75, 1.25],
    ["bn.bias", -0.1, 0.1],
  ] as const) {
    const [first, last] = range(parameter(name, [500]));
    expect(first).toBeGreaterThanOrEqual(Math.fround(least));
    expect(last).toBeLessThanOrEqual(Math.fround(most));
    expect(last - first).toBeGreaterThan(0.95 * (most - least));
  }
});

test("an image has zero mean and unit variance", () => {
  const pixels = image("input", [1, 3, 32, 32]);
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
});
