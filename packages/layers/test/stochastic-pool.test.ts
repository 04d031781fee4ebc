// Stochastic pooling draws what the paper says, and averages in evaluation (Zeiler & Fergus 2013).
import {
  type Tensor,
  at,
  compile,
  evaluating,
  grad,
  ones,
  setSeed,
  tensor,
  training,
  useBackend,
  vjp,
  zeros,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectGradient, expectSecondGradient } from "../../core/test/support/differences.ts";
import { uniform } from "../../core/test/support/numbers.ts";
import { StochasticPool, sequential, stochasticPool1d, stochasticPool2d, stochasticPool3d } from "../src/index.ts";

beforeAll(() => useBackend(reference()));
afterEach(() => setSeed(0));

/** Many windows [0, 1.5, 0.5, 2], each in a row of its own. */
const count = 4000;
const rows = (): Tensor =>
  tensor(
    Float32Array.from({ length: 4 * count }, (_, index) => at([0, 1.5, 0.5, 2], index % 4)),
    { shape: [count, 1, 4] },
  );

const drawnFrom = (pool: StochasticPool, x: Tensor): Promise<ArrayLike<number>> =>
  training(() => pool.forward(x)).data();

describe("in training", () => {
  it("draws every element with its share of the window's sum", async () => {
    const y = Array.from(await drawnFrom(stochasticPool1d(4), rows()));
    const share = (value: number): number => y.filter((found) => found === value).length / count;
    // 5 standard deviations of a share of 4000 draws are at most 5 sqrt(1/4 / 4000) = 0.04.
    expect(share(0)).toBe(0);
    expect(Math.abs(share(1.5) - 0.375)).toBeLessThan(0.04);
    expect(Math.abs(share(0.5) - 0.125)).toBeLessThan(0.04);
    expect(Math.abs(share(2) - 0.5)).toBeLessThan(0.04);
    expect(share(1.5) + share(0.5) + share(2)).toBe(1);
  });

  it("draws anew at each run, the same for the same seed", async () => {
    const step = compile((x: Tensor) => training(() => stochasticPool2d(2).forward(x)));
    const x = uniform([1, 4, 8, 8], 1, 0, 1);
    const twice = async (): Promise<string[]> => [(await step(x).data()).join(), (await step(x).data()).join()];
    const [first = "", second = ""] = await twice();
    expect(first).not.toBe(second);
    const again = compile((z: Tensor) => training(() => stochasticPool2d(2).forward(z)));
    expect((await again(x).data()).join()).toBe(first);
  });

  it("gives the gradient to what was drawn", async () => {
    const pool = stochasticPool1d(4);
    const { value, grads } = training(() => vjp((x) => pool.forward(x), rows(), ones([count, 1, 1])));
    const [y, g] = [await value.data(), await grads.data()];
    const taken = Array.from({ length: count }, (_, row) =>
      [0, 1.5, 0.5, 2].filter((_value, i) => g[4 * row + i] === 1),
    );
    expect(taken).toEqual(Array.from(y, (one) => [one]));
  });

  it("draws neither padding nor what is negative; a window of nothing is 0", async () => {
    const x = tensor([[[-3, 2, 0, 0, -1, -2]]]);
    for (let draw = 0; draw < 5; draw++) expect(Array.from(await drawnFrom(stochasticPool1d(2), x))).toEqual([2, 0, 0]);
    const padded = await drawnFrom(stochasticPool2d(3, { stride: 2, padding: 1 }), uniform([2, 2, 5, 5], 2, 0.5, 1));
    expect(Array.from(padded).every((value) => value >= 0.5)).toBe(true);
    expect(padded).toHaveLength(2 * 2 * 9);
  });

  it("NaN and infinity have no shares", async () => {
    const x = tensor([[[1, Number.NaN, Infinity, 2, 3, 3]]]);
    expect(Array.from(await drawnFrom(stochasticPool1d(2), x))).toEqual([Number.NaN, Number.NaN, 3]);
  });
});

describe("in evaluation", () => {
  it("is the mean under the probabilities, (sum of squares) / sum", async () => {
    const x = tensor([[[0, 1.5, 0.5, 2, 0, 0, -1, 0]]]);
    const y = await evaluating(() => stochasticPool1d(4).forward(x)).data();
    expect([...y]).toEqual([(2.25 + 0.25 + 4) / 4, 0]);
  });

  it("has the gradients of both orders, and none where a window is 0", async () => {
    const pool = stochasticPool3d([1, 2, 2]);
    const f = (x: Tensor): Tensor => evaluating(() => pool.forward(x));
    expect(f(zeros([1, 1, 2, 2, 4])).shape).toEqual([1, 1, 2, 1, 2]);
    await expectGradient(f, [uniform([1, 1, 2, 2, 4], 3, 0.25, 1)]);
    await expectSecondGradient(f, [uniform([1, 1, 1, 2, 4], 4, 0.25, 1)]);
    const g = await grad((x: Tensor) => f(x).sum())(zeros([1, 1, 1, 2, 2])).data();
    expect(g.every((value) => value === 0)).toBe(true);
  });
});

describe("bad use", () => {
  it("asks for a mode where a gradient is taken, by the layer's path", () => {
    const net = sequential([stochasticPool2d(2)], { inputShape: [1, 4, 4] });
    expect(() => grad((x: Tensor) => net.forward(x).sum())(zeros([1, 1, 4, 4]))).toThrow(/choose training/);
  });

  it("says what does not fit", () => {
    const on =
      (pool: StochasticPool, shape: number[]): (() => unknown) =>
      () =>
        training(() => pool.forward(zeros(shape)));
    expect(on(stochasticPool2d(2), [1, 1, 4])).toThrow("StochasticPool: the input is [1, 1, 4]");
    expect(on(stochasticPool2d(5), [1, 1, 4, 4])).toThrow(/kernel of 5 does not fit/);
    expect(on(stochasticPool2d([2, 2, 2]), [1, 1, 4, 4])).toThrow("StochasticPool: the kernel has 3 axes");
    expect(on(stochasticPool1d(2, { stride: 0 }), [1, 1, 4])).toThrow(/stride \[0\] has an entry below 1/);
    expect(on(new StochasticPool(2), [1, 4])).toThrow("the input is [1, 4]");
  });
});
