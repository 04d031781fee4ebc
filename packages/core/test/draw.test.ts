// Random tensors: which numbers, when they are drawn anew, and that every place draws the same.
import { beforeEach, describe, expect, it } from "vitest";
import {
  type Tensor,
  bernoulli,
  compile,
  fillBernoulli,
  fillUniform,
  normal,
  setSeed,
  streamKey,
  tensor,
  uniform,
  useBackend,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(4);
  await useBackend(backend);
});

describe("random tensors", () => {
  it("inside a step are those of the seed, the stream, its place and the step", async () => {
    const f = compile((x: Tensor) => x.mul(bernoulli([50], 0.3, "mask")));
    const ones = tensor(new Float32Array(50).fill(1));
    const drawn = await f.runWith({ step: 7, learningRate: 0 }, ones).data();
    const wanted = new Float32Array(50);
    fillBernoulli(streamKey(4, "noise", "mask/0", "7"), 0, wanted, 0.3);
    expect([...drawn]).toEqual([...wanted]);
  });

  it("twice from one stream are two draws", async () => {
    const f = compile((x: Tensor) => x.mul(bernoulli([50], 0.5).sub(bernoulli([50], 0.5))));
    expect(new Set(await f(tensor(new Float32Array(50).fill(1))).data()).size).toBe(3);
  });

  it("are drawn anew by each run of a compiled function and by each call outside of one; the seed begins again", async () => {
    const f = compile((x: Tensor) => x.add(uniform([4])));
    const zeros = tensor(new Float32Array(4));
    const draw = async (): Promise<string[]> => [
      String(await f(zeros).data()),
      String(await f(zeros).data()),
      String(await uniform([4]).data()),
      String(await uniform([4]).data()),
    ];
    const drawn = await draw();
    expect(new Set(drawn).size).toBe(4);
    setSeed(4);
    expect((await draw()).slice(2)).toEqual(drawn.slice(2));
  });

  it("have the range, mean and deviation asked for", async () => {
    const values = [...(await uniform([10_000], -2, 6).data())];
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(6);
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(2, 0);
    const spread = [...(await normal([10_000], 3, 0.5).data())];
    const mean = spread.reduce((a, b) => a + b) / spread.length;
    expect(mean).toBeCloseTo(3, 1);
    expect(Math.sqrt(spread.reduce((sum, value) => sum + (value - mean) ** 2, 0) / spread.length)).toBeCloseTo(0.5, 1);
    const first = new Float32Array(3);
    fillUniform(streamKey(4, "noise", "uniform", "2"), 0, first);
    expect([...(await uniform([3]).data())]).toEqual([...first]);
  });

  it("refuse a probability above 1 and a shape that is none", () => {
    expect(() => bernoulli([2], 1.5)).toThrow(/probability 1.5/);
    expect(() => uniform([-1])).toThrow(/-1/);
  });
});
