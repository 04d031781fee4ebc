import { AttributeError, setSeed, ShapeError } from "@stria/core";
import { describe, expect, it, vi } from "vitest";
import { arrayDataset } from "../src/array-dataset.ts";
import type { Batch } from "../src/batch.ts";
import type { Sample } from "../src/dataset.ts";
import { loader } from "../src/loader.ts";
import { counting, slowCounting, streaming } from "./fixtures.ts";

interface Read {
  readonly shape: readonly number[];
  readonly x: number[];
  readonly y: number[];
  readonly mask: number[] | undefined;
}

async function read(batch: Batch): Promise<Read> {
  return {
    shape: batch.x.shape,
    x: [...(await batch.x.data())].filter((_, index) => index % 2 === 0),
    y: [...(await batch.y.data())],
    mask: batch.mask && [...(await batch.mask.data())],
  };
}

async function readAll(batches: AsyncIterable<Batch>): Promise<Read[]> {
  const all: Read[] = [];
  for await (const batch of batches) all.push(await read(batch));
  return all;
}

const order = async (batches: AsyncIterable<Batch>): Promise<number[]> =>
  (await readAll(batches)).flatMap(({ x }) => x);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("batches", () => {
  it("hold the samples in order, with a batch axis, in the stated dtypes", async () => {
    const [batch] = loader(counting(4), { batchSize: 4 });
    expect(batch?.x.aval).toEqual({ shape: [4, 2], dtype: "float32" });
    expect(batch?.y.aval).toEqual({ shape: [4], dtype: "int32" });
    expect(await batch?.x.array()).toEqual([
      [0, -0],
      [1, -1],
      [2, -2],
      [3, -3],
    ]);
    expect(await batch?.y.array()).toEqual([0, 1, 2, 0]);
    expect(batch && "mask" in batch).toBe(false);
  });

  it.each([
    ["keep", 3, [3, 3, 1]],
    ["drop", 2, [3, 3]],
    ["pad", 3, [3, 3, 3]],
  ] as const)("last: %s", async (last, length, rows) => {
    const batches = loader(counting(7), { batchSize: 3, last });
    expect(batches.length).toBe(length);
    const all = await readAll(batches);
    expect(all.map(({ shape }) => shape)).toEqual(rows.map((count) => [count, 2]));
  });

  it("are filled up with their own samples, and say so in the mask, which every one has", async () => {
    const all = await readAll(loader(counting(8), { batchSize: 5, last: "pad" }));
    expect(all.map(({ mask }) => mask)).toEqual([
      [1, 1, 1, 1, 1],
      [1, 1, 1, 0, 0],
    ]);
    expect(all[1]?.x).toEqual([5, 6, 7, 5, 6]);
    expect(all[1]?.y).toEqual([2, 0, 1, 2, 0]);
  });

  it("may have arrays as targets, and other dtypes", async () => {
    const masks = arrayDataset(Uint8Array.from(upTo(12)), Float32Array.from(upTo(6)), {
      shape: [2, 2],
      targetShape: [2],
    });
    const [first, second] = loader(masks, { batchSize: 2 });
    expect(first?.x.aval).toEqual({ shape: [2, 2, 2], dtype: "uint8" });
    expect(await first?.y.array()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await second?.x.array()).toEqual([
      [
        [8, 9],
        [10, 11],
      ],
    ]);
  });

  it("come alike by `for` and `for await`, whether samples must be waited for or not, at any prefetch", async () => {
    const expected = await order(loader(counting(20), { batchSize: 6, shuffle: true, seed: 5 }));
    const synchronous: number[] = [];
    for (const batch of loader(counting(20), { batchSize: 6, shuffle: true, seed: 5 }))
      synchronous.push(...(await read(batch)).x);
    expect(synchronous).toEqual(expected);
    for (const prefetch of [0, 1, 2, 10])
      expect(await order(loader(slowCounting(20), { batchSize: 6, shuffle: true, seed: 5, prefetch }))).toEqual(
        expected,
      );
  });
});

describe("shuffling", () => {
  it("has every sample once in an epoch, in an order of the seed and the epoch", async () => {
    const batches = loader(counting(50), { batchSize: 8, shuffle: true, seed: 1 });
    const epochs = [await order(batches), await order(batches), await order(batches)];
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(upTo(50));
    expect(new Set(epochs.map(String)).size).toBe(3);
    expect(batches.epoch).toBe(3);
    batches.setEpoch(1);
    expect(await order(batches)).toEqual(epochs[1]);
    expect(await order(batches)).toEqual(epochs[2]);
    expect(await order(loader(counting(50), { batchSize: 7, shuffle: true, seed: 1 }))).toEqual(epochs[0]);
    expect(await order(loader(counting(50), { batchSize: 8, shuffle: true, seed: 2 }))).not.toEqual(epochs[0]);
  });

  it("does not depend on timing, on leaving early or on other epochs", async () => {
    const quick = loader(counting(30), { batchSize: 4, shuffle: true, seed: 3 });
    const slow = loader(slowCounting(30), { batchSize: 4, shuffle: true, seed: 3 });
    for await (const batch of slow) {
      expect(batch.x.shape).toEqual([4, 2]);
      break;
    }
    quick.setEpoch(1);
    expect(await order(slow)).toEqual(await order(quick));
  });

  it("takes the root seed when an epoch begins", async () => {
    const batches = loader(counting(30), { batchSize: 30, shuffle: true });
    setSeed(1);
    const first = await order(batches.batches(0));
    setSeed(2);
    expect(await order(batches.batches(0))).not.toEqual(first);
    setSeed(1);
    expect(await order(batches.batches(0))).toEqual(first);
    expect(first).toEqual(await order(loader(counting(30), { batchSize: 4, shuffle: true, seed: 1 })));
  });

  it("resumes within an epoch", async () => {
    const asked: number[] = [];
    const batches = loader(slowCounting(20, asked), { batchSize: 6, shuffle: true, seed: 4 });
    const whole = await readAll(batches.batches(2));
    asked.length = 0;
    expect(await readAll(batches.batches(2, 3))).toEqual(whole.slice(3));
    expect(asked.length).toBe(2);
    expect(await readAll(batches.batches(2, 4))).toEqual([]);
    expect(batches.epoch).toBe(0);
  });
});

describe("reading ahead", () => {
  it("makes at most as many batches as asked while one is used, and none after the loop is left", async () => {
    const asked: number[] = [];
    const batches = loader(slowCounting(40, asked), { batchSize: 2, prefetch: 3 });
    for await (const batch of batches) {
      expect(batch.x.shape).toEqual([2, 2]);
      await vi.waitUntil(() => asked.length >= 8, { timeout: 60_000 });
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(asked.length).toBe(8);
  });

  it("shows an error where its batch would have come", async () => {
    const dataset = {
      ...counting(9),
      get: (index: number): Promise<Sample> =>
        index === 4
          ? Promise.reject(new Error("sample 4 is gone"))
          : Promise.resolve({ x: Float32Array.of(index, 0), y: 0 }),
    };
    const seen: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const batch of loader(dataset, { batchSize: 3, prefetch: 2 })) seen.push((await read(batch)).x.length);
    };
    await expect(reading()).rejects.toThrow("sample 4 is gone");
    expect(seen).toEqual([3]);
  });
});

describe("streams", () => {
  it("come in their order, again in each iteration", async () => {
    const batches = loader(streaming(7), { batchSize: 3 });
    for (let epoch = 0; epoch < 2; epoch++) expect(await order(batches)).toEqual(upTo(7));
    expect((await readAll(loader(streaming(7), { batchSize: 3, last: "drop" }))).length).toBe(2);
    expect((await readAll(loader(streaming(7), { batchSize: 3, last: "pad" })))[2]).toEqual({
      shape: [3, 2],
      x: [6, 6, 6],
      y: [0, 0, 0],
      mask: [1, 0, 0],
    });
    expect(await readAll(loader(streaming(0), { batchSize: 3 }))).toEqual([]);
  });

  it("cannot be shuffled", () => {
    expect(() => loader(streaming(7), { batchSize: 3, shuffle: true })).toThrow(/no order to shuffle/);
  });
});

describe("faults", () => {
  const labelled = (y: Sample["y"], x: Sample["x"] = new Float32Array(2)) => ({
    ...counting(3),
    get: (index: number) => (index === 2 ? { x, y } : { x: new Float32Array(2), y: 0 }),
  });

  it.each([-1, 3, 0.5, Number.NaN, Infinity])(
    "the label %d of three classes is refused before anything is uploaded",
    (label) => {
      expect(() => [...loader(labelled(label), { batchSize: 3 })]).toThrow(AttributeError);
      expect(() => [...loader(labelled(label), { batchSize: 3 })]).toThrow(
        `sample 2, y: the label ${label} is not one of 3 classes`,
      );
    },
  );

  it("samples that are not what the dataset states are refused, and named by their place in the dataset", () => {
    const faults: [Sample["y"], Sample["x"], RegExp][] = [
      [0, new Float32Array(3), /sample 2, x: a Float32Array of 3 elements is not float32\[2\]/],
      [0, new Uint8Array(2), /sample 2, x: a Uint8Array of 2 elements/],
      [new Int32Array(2), new Float32Array(2), /sample 2, y: a Int32Array of 2 elements is not int32\[\]/],
    ];
    for (const [y, x, fault] of faults) {
      expect(() => [...loader(labelled(y, x), { batchSize: 2 })]).toThrow(ShapeError);
      expect(() => [...loader(labelled(y, x), { batchSize: 2 })]).toThrow(fault);
    }
  });

  it("numbers that the dtype would change are refused", () => {
    const unlabelled = { ...labelled(0.5), fields: { y: { shape: [], dtype: "int32" as const } } };
    expect(() => [...loader(unlabelled, { batchSize: 3 })]).toThrow(/0.5 is no int32/);
  });

  it("NaN and infinities are refused where that is asked for", () => {
    const bad = labelled(0, Float32Array.of(1, Number.NaN));
    expect([...loader(bad, { batchSize: 3 })].length).toBe(1);
    expect(() => [...loader(bad, { batchSize: 3, checkFinite: true })]).toThrow(/sample 2, x: element 1 is NaN/);
  });

  it("a loader without batches is refused when it is made", () => {
    expect(() => loader(counting(0), { batchSize: 1 })).toThrow(/dataset is empty/);
    expect(() => loader(counting(3), { batchSize: 4, last: "drop" })).toThrow(/3 samples do not fill one batch of 4/);
    for (const batchSize of [0, -1, 1.5, Number.NaN])
      expect(() => loader(counting(3), { batchSize })).toThrow(AttributeError);
    expect(() => loader(counting(3), { batchSize: 1, prefetch: -1 })).toThrow(/prefetch -1/);
    expect(() => loader(counting(3), { batchSize: 1, seed: 0.5 })).toThrow(/seed 0.5/);
    expect(() => loader(counting(3), { batchSize: 1 }).setEpoch(-1)).toThrow(/epoch -1/);
  });

  it("`for` over samples that must be waited for says what to write", () => {
    expect(() => [...loader(slowCounting(3), { batchSize: 3 })]).toThrow(/for await/);
  });
});
