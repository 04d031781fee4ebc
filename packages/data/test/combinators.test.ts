import { AttributeError, ShapeError } from "@stria/core";
import { describe, expect, it } from "vitest";
import { arrayDataset } from "../src/array-dataset.ts";
import { map, subset, take } from "../src/combinators.ts";
import type { Dataset, IterableDataset, Sample } from "../src/dataset.ts";
import { counting, slowCounting, streaming } from "./fixtures.ts";

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
    expect(mapped.numClasses).toBe(3);
    expect(mapped.x).toEqual({ shape: [2], dtype: "float32" });
    expect(await firsts(map(slowCounting(3), double))).toEqual([0, 2, 4]);
    expect((await streamed(map(streaming(3), double))).map(({ x }) => x[0])).toEqual([0, 2, 4]);
  });

  it("gives the index, and states what it changes", async () => {
    const mapped = map(counting(3), (_, index) => ({ x: new Uint8Array(1), y: 10 * index }), {
      x: { shape: [1], dtype: "uint8" },
      numClasses: undefined,
    });
    expect(mapped.x.dtype).toBe("uint8");
    expect(mapped.numClasses).toBeUndefined();
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
    expect(subset(counting(5), Uint32Array.of(1)).numClasses).toBe(3);
  });

  it("refuse what is not there", () => {
    for (const count of [-1, 0.5, Number.NaN]) expect(() => take(counting(5), count)).toThrow(AttributeError);
    expect(() => subset(counting(5), [0, 5])).toThrow("indices[1] is 5, of a dataset of 5 samples");
    for (const index of [-1, 0.5, Number.NaN]) expect(() => subset(counting(5), [index])).toThrow(AttributeError);
  });
});

describe("arrayDataset", () => {
  it("takes plain arrays of labels as int32, of values as float32", () => {
    expect(arrayDataset(new Float32Array(4), [0, 1], { shape: [2], numClasses: 2 }).y.dtype).toBe("int32");
    const values = arrayDataset(Float32Array.of(1, 2), [0.5, 1.5], { shape: [] });
    expect(values.y.dtype).toBe("float32");
    expect(values.get(1)).toEqual({ x: Float32Array.of(2), y: 1.5 });
  });

  it("refuses arrays of different numbers of samples", () => {
    expect(() => arrayDataset(new Float32Array(5), [0, 1], { shape: [2] })).toThrow(ShapeError);
    expect(() => arrayDataset(new Float32Array(4), [0, 1, 2], { shape: [2] })).toThrow(
      /not the same number of samples/,
    );
  });
});
