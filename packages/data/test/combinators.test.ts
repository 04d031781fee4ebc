import { AttributeError, setSeed, ShapeError } from "@stria/core";
import { describe, expect, it } from "vitest";
import { arrayDataset } from "../src/array-dataset.ts";
import { cache } from "../src/combinators/cache.ts";
import { concat } from "../src/combinators/concat.ts";
import { map } from "../src/combinators/map.ts";
import { shuffle } from "../src/combinators/shuffle.ts";
import { split } from "../src/combinators/split.ts";
import { filter, indicesWhere, subset } from "../src/combinators/subset.ts";
import { skip, take } from "../src/combinators/take.ts";
import type { Dataset, IterableDataset, Sample } from "../src/dataset.ts";
import { digits } from "../src/digits.ts";
import { loader } from "../src/loader.ts";
import { listDataset, streamDataset } from "../src/own-items.ts";
import { collected, counting, slowCounting, streaming } from "./fixtures.ts";

const firsts = async (dataset: Dataset): Promise<(number | undefined)[]> =>
  Promise.all(Array.from({ length: dataset.length }, async (_, index) => (await dataset.get(index)).x[0]));

async function streamed(dataset: IterableDataset): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of dataset) samples.push(sample);
  return samples;
}

describe("map", () => {
  const double = ({ x, y }: Sample): Sample => ({ x: Float32Array.from(x, (value) => 2 * value), y });

  it("changes samples when they are asked for, keeping what it does not change", async () => {
    const mapped = map(counting(3), double);
    expect(await firsts(mapped)).toEqual([0, 2, 4]);
    expect(mapped.fields?.["y"]?.numClasses).toBe(3);
    expect(mapped.fields?.["x"]).toEqual({ shape: [2], dtype: "float32" });
    expect(await firsts(map(slowCounting(3), double))).toEqual([0, 2, 4]);
    expect((await streamed(map(streaming(3), double))).map(({ x }) => x[0])).toEqual([0, 2, 4]);
  });

  it("gives the index, and states what it changes", async () => {
    const mapped = map(counting(3), (_, index) => ({ x: new Uint8Array(1), y: 10 * index }), {
      x: { shape: [1], dtype: "uint8" },
      y: { shape: [], dtype: "int32" },
    });
    expect(mapped.fields?.["x"]?.dtype).toBe("uint8");
    expect(mapped.fields?.["y"]?.numClasses).toBeUndefined();
    expect(await mapped.get(2)).toEqual({ x: new Uint8Array(1), y: 20 });
    expect(
      (await streamed(map(streaming(3), (_, index) => ({ x: new Uint8Array(1), y: index })))).map(({ y }) => y),
    ).toEqual([0, 1, 2]);
  });
});

describe("take and subset", () => {
  it("keep the first, or the chosen", async () => {
    expect(await firsts(take(counting(5), 2))).toEqual([0, 1]);
    expect(take(counting(5), 9).length).toBe(5);
    expect((await streamed(take(streaming(5), 2))).length).toBe(2);
    expect((await streamed(take(streaming(5), 0))).length).toBe(0);
    expect((await streamed(take(streaming(5), 9))).length).toBe(5);
    expect(await firsts(subset(counting(5), [4, 0, 4]))).toEqual([4, 0, 4]);
    expect(subset(counting(5), Uint32Array.of(1)).fields?.["y"]?.numClasses).toBe(3);
  });

  it("refuse what is not there", () => {
    for (const count of [-1, 0.5, Number.NaN]) expect(() => take(counting(5), count)).toThrow(AttributeError);
    expect(() => subset(counting(5), [0, 5])).toThrow("indices[1] is 5, of a dataset of 5 items");
    for (const index of [-1, 0.5, Number.NaN]) expect(() => subset(counting(5), [index])).toThrow(AttributeError);
  });
});

describe("arrayDataset", () => {
  it("takes plain arrays of labels as int32, of values as float32", () => {
    expect(arrayDataset(new Float32Array(4), [0, 1], { shape: [2], numClasses: 2 }).fields?.["y"]?.dtype).toBe("int32");
    const values = arrayDataset(Float32Array.of(1, 2), [0.5, 1.5], { shape: [] });
    expect(values.fields?.["y"]?.dtype).toBe("float32");
    expect(values.get(1)).toEqual({ x: Float32Array.of(2), y: 1.5 });
  });

  it("refuses arrays of different numbers of samples", () => {
    expect(() => arrayDataset(new Float32Array(5), [0, 1], { shape: [2] })).toThrow(ShapeError);
    expect(() => arrayDataset(new Float32Array(4), [0, 1, 2], { shape: [2] })).toThrow(
      /not the same number of samples/,
    );
  });
});

describe("filter", () => {
  it("keeps what the answer is true for, reading when the length is asked for, once", () => {
    let read = 0;
    const even = filter(
      map(counting(6), (sample) => {
        read++;
        return sample;
      }),
      (_, index) => index % 2 === 0,
    );
    expect(read).toBe(0);
    expect([even.length, even.length, read]).toEqual([3, 3, 6]);
    expect(even.get(2)).toMatchObject({ x: Float32Array.of(4, -4) });
    expect(even.fields?.["y"]?.numClasses).toBe(3);
    expect(filter(digits({ train: 40 }).train, ({ y }) => y === 3).label?.(0)).toBe(3);
  });

  it("of a stream goes with it, and may wait", async () => {
    const kept = filter(streaming(6), async ({ x }) => (x[0] ?? 0) > 3);
    expect((await streamed(kept)).map(({ x }) => x[0])).toEqual([4, 5]);
  });

  it("of items that must be waited for says how to", async () => {
    expect(() => filter(slowCounting(4), () => true).length).toThrow(/await indicesWhere/);
    const indices = await indicesWhere(slowCounting(6), ({ x }, index) => index > 1 && (x[0] ?? 0) < 4);
    expect(indices).toEqual([2, 3]);
  });
});

describe("skip and concat", () => {
  it("leave out, and join", async () => {
    expect(await firsts(skip(counting(5), 3))).toEqual([3, 4]);
    expect(skip(counting(5), 9).length).toBe(0);
    expect((await streamed(skip(streaming(5), 3))).length).toBe(2);
    expect(() => skip(counting(5), -1)).toThrow(/skip: count -1/);
    const joined = concat(take(counting(5), 2), counting(1), skip(counting(5), 4));
    expect(await firsts(joined)).toEqual([0, 1, 0, 4]);
    expect(joined.fields?.["y"]?.numClasses).toBe(3);
    expect((await streamed(concat(streaming(2), streaming(3)))).length).toBe(5);
    for (const index of [4, -1, 0.5]) expect(() => joined.get(index)).toThrow(`there is no item ${index}`);
  });

  it("know labels where all do", () => {
    const { train, test } = digits({ train: 9, test: 9 });
    expect(skip(train, 4).label?.(1)).toBe(train.label(5));
    expect(concat<unknown>(train, take(test, 2)).label?.(10)).toBe(test.label(1));
    expect(
      concat<unknown>(
        train,
        map(test, (sample) => sample),
      ).label,
    ).toBeUndefined();
  });

  it("refuse what cannot be joined", () => {
    expect(() => concat(counting(2), counting(2, 4))).toThrow(
      /"y" is int32\[\] of 3 classes in one dataset and int32\[\] of 4 classes in another/,
    );
    expect(() => concat()).toThrow(/there are no datasets/);
    expect(() => concat(...([counting(1), streaming(1)] as unknown as Dataset[]))).toThrow(/some are not/);
  });
});

describe("cache", () => {
  it("makes every item once, and what failed again", async () => {
    let made = 0;
    const kept = cache<{ readonly index: number }>({
      length: 3,
      get: async (index) => {
        if (++made === 1) throw new Error("not yet");
        return { index };
      },
    });
    await expect(kept.get(1)).rejects.toThrow("not yet");
    for (let pass = 0; pass < 3; pass++) expect(await kept.get(1)).toEqual({ index: 1 });
    expect(made).toBe(2);
    expect(kept.get(1)).toEqual({ index: 1 }); // no longer to be waited for
  });

  it("keeps a stream after a whole pass", async () => {
    let passes = 0;
    const kept = cache(
      streamDataset(() => {
        passes++;
        return [{ n: 1 }, { n: 2 }];
      }),
    );
    for await (const { n } of kept) {
      expect(n).toBe(1);
      break;
    }
    for (let pass = 0; pass < 3; pass++) expect(await collected(kept)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(passes).toBe(2);
  });
});

describe("shuffle", () => {
  const order = async (epoch: number, buffer: number, seed = 1): Promise<(number | undefined)[]> => {
    const items = shuffle(streaming(40), { buffer, seed }).pass?.(epoch) ?? [];
    return (await collected(items)).map(({ x }) => x[0]);
  };

  it("gives every item once, in an order of the seed and the pass, held back by no more than the buffer", async () => {
    const orders = [await order(0, 8), await order(1, 8), await order(0, 8, 2)];
    for (const one of orders) expect(one.toSorted((a = 0, b = 0) => a - b)).toEqual([...Array(40).keys()]);
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(await order(0, 8)).toEqual(orders[0]);
    for (const one of orders) one.forEach((item = 0, place) => expect(item).toBeLessThanOrEqual(place + 8));
    expect(await order(0, 1)).toEqual([...Array(40).keys()]);
    expect((await order(0, 100)).slice(0, 8).some((item = 0) => item > 16)).toBe(true);
  });

  it("gives loaders another order in each epoch, through other combinators", async () => {
    const batches = loader(
      take(
        map(shuffle(streaming(20), { buffer: 20, seed: 1 }), (sample) => sample),
        10,
      ),
      {
        batchSize: 10,
      },
    );
    const epochs: string[] = [];
    for (const epoch of [0, 1, 0])
      for await (const { x } of batches.batches(epoch)) epochs.push(String(await x.data()));
    expect(epochs[0]).toBe(epochs[2]);
    expect(epochs[1]).not.toBe(epochs[0]);
    expect(() => shuffle(streaming(1), { buffer: 0 })).toThrow(/buffer 0/);
  });
});

describe("split", () => {
  const skewed = listDataset(Array.from({ length: 103 }, (_, n) => ({ n, y: n < 80 ? 0 : n < 100 ? 1 : 2 })));
  const numbers = (part: Dataset<{ n: number; y: number }>): number[] =>
    Array.from({ length: part.length }, (_, index) => (part.get(index) as { n: number }).n);
  const counts = (part: Dataset<{ n: number; y: number }>): number[] =>
    [0, 1, 2].map((label) => numbers(part).filter((n) => (n < 80 ? 0 : n < 100 ? 1 : 2) === label).length);

  it("gives parts that share nothing, by share or by number, as the seed says", () => {
    const [train, valid, test] = split(skewed, [0.8, 0.1, 0.1], { seed: 1 });
    expect([train.length, valid.length, test.length]).toEqual([83, 10, 10]);
    const all = [train, valid, test].flatMap(numbers);
    expect(all.toSorted((a, b) => a - b)).toEqual(numbers(skewed));
    expect(all).not.toEqual(numbers(skewed));
    expect(numbers(split(skewed, [0.8, 0.1, 0.1], { seed: 1 })[0])).toEqual(numbers(train));
    expect(numbers(split(skewed, [0.8, 0.1, 0.1], { seed: 2 })[0])).not.toEqual(numbers(train));
    const [some, few] = split(skewed, [60, 3]);
    expect([some.length, few.length]).toEqual([60, 3]);
    setSeed(5);
    const rooted = numbers(split(skewed, [60])[0]);
    setSeed(0);
    expect(rooted).toEqual(numbers(split(skewed, [60], { seed: 5 })[0]));
    const [past, future] = split(skewed, [100, 3], { shuffle: false });
    expect([numbers(past)[99], ...numbers(future)]).toEqual([99, 100, 101, 102]);
  });

  it("stratified, has every class in proportion, up to one", () => {
    // 103 items, classes of 80, 20 and 3: exact shares of a part of 21 are 16.3, 4.08 and 0.61.
    const [train, test] = split(skewed, [82, 21], { seed: 1, stratify: true });
    expect(counts(test)).toEqual([16, 4, 1]);
    expect(counts(train)).toEqual([64, 16, 2]);
    expect([...numbers(train), ...numbers(test)].toSorted((a, b) => a - b)).toEqual(numbers(skewed));
    const labels = Array.from({ length: 103 }, (_, n) => n % 2);
    const [half] = split(skewed, [0.5, 0.5], { stratify: labels });
    const odd = numbers(half).filter((n) => n % 2 === 1).length;
    expect([half.length, odd]).toEqual([52, 26]);
    const [ordered] = split(skewed, [10], { stratify: true, shuffle: false });
    expect(numbers(ordered)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 80, 81]);
    const { train: drawn } = digits({ train: 500 });
    const [part] = split(drawn, [0.2, 0.8], { stratify: true, seed: 1 });
    expect(part.label?.(0)).toBe((part.get(0) as { y: number }).y);
  });

  it("refuses parts of more than there is, and labels that cannot be seen", () => {
    expect(() => split(skewed, [0.8, 0.3])).toThrow(/\[0.8, 0.3\] are shares of more than the whole/);
    expect(() => split(skewed, [100, 4])).toThrow(/\[100, 4\] are more than the 103 items/);
    expect(() => split(skewed, [])).toThrow(/are no parts/);
    for (const part of [-1, Number.NaN]) expect(() => split(skewed, [part])).toThrow(AttributeError);
    expect(() => split(slowCounting(4), [2], { stratify: true })).toThrow(/the class of item 0 cannot be seen/);
    expect(() => split(skewed, [2], { stratify: [1] })).toThrow(/1 labels are not those of 103 items/);
  });
});
