import { AttributeError, streamKey } from "@stria/core";
import { describe, expect, it } from "vitest";
import { classLabel } from "../src/dataset.ts";
import { loader } from "../src/loader.ts";
import { listDataset } from "../src/own-items.ts";
import { balancedSampler, type Sampler, weightedSampler } from "../src/sampler.ts";
import { counting, slowCounting } from "./fixtures.ts";

const drawn = (sampler: Sampler, seed: number): number[] => Array.from(sampler.draw(streamKey(seed, "test")));
const shareOf = (index: number, all: readonly number[]): number =>
  all.filter((one) => one === index).length / all.length;

describe("weighted sampling", () => {
  it("draws each item as often as its weight says", () => {
    const all = drawn(weightedSampler([1, 0, 2, 5], { count: 40_000 }), 1);
    // Four standard errors, sqrt(p q / n).
    for (const [index, share] of [1 / 8, 0, 2 / 8, 5 / 8].entries())
      expect(Math.abs(shareOf(index, all) - share)).toBeLessThanOrEqual(4 * Math.sqrt((share * (1 - share)) / 40_000));
  });

  it("without replacement draws in turn from what is left", () => {
    const sampler = weightedSampler([1, 2, 3], { count: 2, replacement: false });
    const pairs = Array.from({ length: 20_000 }, (_, seed) => drawn(sampler, seed).join());
    const share = (pair: string): number => pairs.filter((one) => one === pair).length / 20_000;
    // First i with w_i / 6, then j with w_j / (6 - w_i).
    for (const [pair, exact] of [
      ["0,1", (1 / 6) * (2 / 5)],
      ["1,0", (2 / 6) * (1 / 4)],
      ["2,1", (3 / 6) * (2 / 3)],
      ["2,0", (3 / 6) * (1 / 3)],
    ] as const)
      expect(Math.abs(share(pair) - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 20_000));
    const all = drawn(weightedSampler([1, 0, 1, 1], { count: 3, replacement: false }), 5);
    expect(all.toSorted((a, b) => a - b)).toEqual([0, 2, 3]);
  });

  it("refuses weights that are none", () => {
    expect(() => weightedSampler([1, -1])).toThrow(/weights\[1\] is -1/);
    expect(() => weightedSampler([Number.NaN])).toThrow(/weights\[0\] is NaN/);
    expect(() => weightedSampler([Infinity])).toThrow(AttributeError);
    expect(() => weightedSampler([0, 0])).toThrow(/no weight is above 0/);
    expect(() => weightedSampler([])).toThrow(AttributeError);
    expect(() => weightedSampler([1, 0, 1], { replacement: false })).toThrow(
      /count 3 is not a whole number from 1 to 2, the items of a weight above 0/,
    );
    expect(() => weightedSampler([1], { count: 0 })).toThrow(/count 0/);
  });
});

describe("balanced sampling", () => {
  const skewed = listDataset([0, 0, 0, 0, 0, 0, 0, 1, 1, 2].map((y, n) => ({ n, y })));

  it("has every class as often, up to one, and no item again before all of its class have come", () => {
    for (const [count, counts] of [
      [9, [3, 3, 3]],
      [10, [3, 3, 4]],
      [14, [4, 5, 5]],
    ] as const) {
      const all = drawn(balancedSampler(skewed, { count }), 3);
      expect(all.length).toBe(count);
      const classes = [0, 1, 2].map((label) =>
        all.filter((index) => [7, 9, 10].findIndex((end) => index < end) === label),
      );
      expect(classes.map((one) => one.length).toSorted((a, b) => a - b)).toEqual(counts);
      expect(new Set(classes[0]).size).toBe(classes[0]?.length);
      expect(Math.abs(shareOf(7, classes[1] ?? []) - shareOf(8, classes[1] ?? []))).toBeLessThan(0.4);
    }
  });

  it("is another choice in each epoch, and takes the items of the large class in turn by chance", () => {
    const sampler = balancedSampler(skewed);
    expect(drawn(sampler, 1)).not.toEqual(drawn(sampler, 2));
    const seen = new Set(Array.from({ length: 20 }, (_, seed) => drawn(sampler, seed)).flat());
    expect(seen.size).toBe(10);
  });

  it("asks the dataset for labels, or takes those given", () => {
    expect(drawn(balancedSampler(counting(9)), 1).length).toBe(9);
    expect(() => balancedSampler(slowCounting(3))).toThrow(
      /the class of item 0 cannot be seen.*Remedy: pass the labels/,
    );
    expect(drawn(balancedSampler(slowCounting(3), { labels: [0, 0, 1] }), 1).length).toBe(3);
    const named = listDataset([{ kind: 1 }, { kind: 0 }], { kind: classLabel(2) });
    expect(drawn(balancedSampler(named, { count: 1000 }), 1).filter((index) => index === 0).length).toBe(500);
    expect(() => balancedSampler(listDataset([{ kind: 0.5 }], { kind: classLabel(2) }))).toThrow(
      /no whole number kind/,
    );
    expect(() => balancedSampler(slowCounting(3), { labels: [0] })).toThrow(/1 labels are not those of 3 items/);
    expect(() => balancedSampler(listDataset([{ y: 0.5 }]))).toThrow(/item 0 cannot be seen/);
    expect(() => balancedSampler(listDataset([]))).toThrow(/the dataset is empty/);
    expect(() => balancedSampler(counting(3), { count: 0.5 })).toThrow(/count 0.5/);
  });
});

describe("a loader with a sampler", () => {
  const indices = async (batches: AsyncIterable<{ x: { data(): Promise<ArrayLike<number>> } }>): Promise<number[]> => {
    const all: number[] = [];
    for await (const { x } of batches) all.push(...Array.from(await x.data()).filter((_, place) => place % 2 === 0));
    return all;
  };

  it("has the sampler's epochs, and resumes within them", async () => {
    const sampler = weightedSampler([0, 1, 1, 0, 1], { count: 12 });
    const batches = loader(counting(5), { batchSize: 5, sampler, seed: 2 });
    expect(batches.length).toBe(3);
    const [first, second] = [await indices(batches), await indices(batches)];
    expect(first.length).toBe(12);
    expect(new Set([...first, ...second])).toEqual(new Set([1, 2, 4]));
    expect(second).not.toEqual(first);
    expect(await indices(batches.batches(1, 2))).toEqual(second.slice(10));
  });

  it("refuses what cannot be", () => {
    const sampler = (length: number, ...draws: number[]): Sampler => ({ length, draw: () => draws });
    expect(() => [...loader(counting(3), { batchSize: 1, sampler: sampler(2, 0, 3) })]).toThrow(
      /the sampler drew 3, of a dataset of 3 items/,
    );
    expect(() => [...loader(counting(3), { batchSize: 1, sampler: sampler(2, 0) })]).toThrow(
      /the sampler drew 1 indices, and its length is 2/,
    );
    expect(() => loader(counting(3), { batchSize: 1, shuffle: true, sampler: sampler(1, 0) })).toThrow(
      /a sampler has an order of its own/,
    );
  });
});
