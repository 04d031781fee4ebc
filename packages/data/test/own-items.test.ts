// A user's own items, through combinators and loaders, with the types that follow from them.
import { type Tensor, tensor } from "@stria/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Batch } from "../src/batch.ts";
import { map } from "../src/combinators/map.ts";
import { take } from "../src/combinators/take.ts";
import { classLabel } from "../src/dataset.ts";
import { loader } from "../src/loader.ts";
import { listDataset, streamDataset } from "../src/own-items.ts";
import { collected } from "./fixtures.ts";

const photographs = listDataset(
  [0, 1, 2].map((index) => ({
    image: Float32Array.of(index, index, index, index),
    label: index,
    weight: index / 2,
    flipped: index === 1,
    place: tensor([[index], [-index]], { dtype: "int32" }),
    corner: [index, 10],
    name: `photograph ${index}`,
  })),
  { image: { shape: [1, 2, 2], dtype: "float32" }, label: classLabel(3) },
);

describe("items of one's own", () => {
  it("become tensors field by field, as stated or as they are; what is no number is collected", async () => {
    const [batch] = await collected(loader(photographs, { batchSize: 2 }));
    if (!batch) throw new Error("no batch");
    expectTypeOf(batch.image).toEqualTypeOf<Tensor>();
    expectTypeOf(batch.corner).toEqualTypeOf<Tensor>();
    expectTypeOf(batch.place).toEqualTypeOf<Tensor>();
    expectTypeOf(batch.name).toEqualTypeOf<readonly string[]>();
    expect(batch.image.aval).toEqual({ shape: [2, 1, 2, 2], dtype: "float32" });
    expect(batch.label.aval).toEqual({ shape: [2], dtype: "int32" });
    expect(batch.weight.aval).toEqual({ shape: [2], dtype: "float32" });
    expect(batch.flipped.aval).toEqual({ shape: [2], dtype: "bool" });
    expect(batch.place.aval).toEqual({ shape: [2, 2, 1], dtype: "int32" });
    expect(await batch.place.array()).toEqual([
      [[0], [0]],
      [[1], [-1]],
    ]);
    expect(await batch.corner.array()).toEqual([
      [0, 10],
      [1, 10],
    ]);
    expect(await batch.flipped.array()).toEqual([false, true]);
    expect(await batch.weight.array()).toEqual([0, 0.5]);
    expect(batch.name).toEqual(["photograph 0", "photograph 1"]);
  });

  it("carry their types through map, transform and collate", async () => {
    const brighter = map(photographs, ({ image, label }) => ({ image: image.map((pixel) => 2 * pixel), label }));
    expectTypeOf(brighter.get(0)).toExtend<object>();
    const plain = loader(take(brighter, 1), { batchSize: 1 });
    expectTypeOf(plain).toExtend<AsyncIterable<Batch<{ image: Float32Array; label: number }>>>();
    for (const { image, label } of plain) {
      expect(await image.array()).toEqual([
        [
          [
            [0, 0],
            [0, 0],
          ],
        ],
      ]);
      expect(label.dtype).toBe("int32");
    }
    const transformed = loader(brighter, {
      batchSize: 3,
      transform: async ({ image }, { index }) => ({ sum: (image[0] ?? 0) + index }),
    });
    for await (const batch of transformed) {
      expectTypeOf(batch.sum).toEqualTypeOf<Tensor>();
      expect(await batch.sum.array()).toEqual([0, 3, 6]);
    }
    const lists = loader(photographs, {
      batchSize: 2,
      last: "pad",
      collate: (items, { indices, count }) => ({ names: items.map(({ name }) => name), indices, count }),
    });
    expectTypeOf(lists).toExtend<Iterable<{ names: string[] }>>();
    expect([...lists]).toEqual([
      { names: ["photograph 0", "photograph 1"], indices: [0, 1], count: 2 },
      { names: ["photograph 2", "photograph 2"], indices: [2, 2], count: 1 },
    ]);
    expect(await collected(lists)).toEqual([...lists]);
  });

  it("may come from an array or a generator, again in each epoch", async () => {
    const numbers = streamDataset(() => [{ n: 1 }, { n: 2 }, { n: 3 }]);
    const batches = loader(numbers, { batchSize: 2 });
    for (let epoch = 0; epoch < 2; epoch++) {
      const read: unknown[] = [];
      for await (const { n } of batches) read.push(await n.array());
      expect(read).toEqual([[1, 2], [3]]);
    }
    async function* generated(): AsyncGenerator<{ n: number }> {
      yield { n: 7 };
    }
    for await (const { n } of loader(streamDataset(generated), { batchSize: 2, last: "pad" }))
      expect(await n.array()).toEqual([7, 7]);
  });

  it("may be float16: bits where the field says so, tensors and numbers by their value", async () => {
    const dataset = listDataset(
      [1, -2].map((value) => ({
        bits: Uint16Array.of(0x3c00, 0xc000), // 1 and -2
        number: value,
        value: tensor([value, 0.5], { dtype: "float16" }),
      })),
      { bits: { shape: [2], dtype: "float16" }, number: { shape: [], dtype: "float16" } },
    );
    for await (const { bits, number, value } of loader(dataset, { batchSize: 2 })) {
      expect([bits.dtype, number.dtype, value.dtype]).toEqual(["float16", "float16", "float16"]);
      expect(await bits.array()).toEqual([
        [1, -2],
        [1, -2],
      ]);
      expect(await number.array()).toEqual([1, -2]);
      expect(await value.array()).toEqual([
        [1, 0.5],
        [-2, 0.5],
      ]);
    }
  });

  it("a list knows its end", () => {
    expect(() => listDataset([{ n: 1 }]).get(1)).toThrow("listDataset: there is no item 1 of 1");
  });
});

describe("items that do not fit are named", () => {
  const load = (...items: object[]): unknown => [
    ...loader(listDataset(items, { stated: { shape: [], dtype: "uint8" } }), { batchSize: 9 }),
  ];

  it.each([
    ["other fields", [{ x: 1 }, { x: 1, z: 2 }], /sample 1: its fields x, z are not those of sample 0: x/],
    ["missing fields", [{ x: 1, z: 1 }, { x: 1 }], /sample 1: its fields x are not those of sample 0: x, z/],
    [
      "other lengths",
      [{ x: new Float32Array(2) }, { x: new Float32Array(3) }],
      /sample 1, x: a Float32Array of 3 elements is not float32\[2\], as in the batch's first sample\. Remedy: .*collate/,
    ],
    ["other kinds", [{ x: 1 }, { x: "one" }], /sample 1, x: a value of type string is not float32\[\]/],
    ["nothing", [{ x: 1 }, { x: undefined }], /sample 1, x: nothing is not float32\[\]/],
    ["lists of other lengths", [{ x: [1, 2] }, { x: [1] }], /sample 1, x: a list of 1 numbers is not float32\[2\]/],
    ["a number for an array", [{ x: [1, 2] }, { x: 1 }], /sample 1, x: one number is not float32\[2\]/],
    ["numbers that the dtype lacks", [{ stated: 300 }], /sample 0, stated: 300 is no uint8/],
    [
      "16 bits of which nothing is stated",
      [{ x: new Uint16Array(2) }],
      /a Uint16Array is not an array .*state the field/,
    ],
    ["arrays that tensors lack", [{ x: new Float64Array(2) }], /a Float64Array is not an array that tensors are made/],
  ])("%s", (_, items, fault) => {
    expect(() => load(...items)).toThrow(fault);
  });

  it("an item that is no object, and a field that is called mask", () => {
    for (const item of [3, [1], new Float32Array(1)])
      expect(() => [...loader(listDataset([item]), { batchSize: 1 })]).toThrow(
        /sample 0: a .* is no object with field/,
      );
    expect(() => [...loader(listDataset([{ mask: 1 }]), { batchSize: 1, last: "pad" })]).toThrow(
      /the items have a field of that name/,
    );
  });

  it("tensors, whose values must be waited for, want `for await`", async () => {
    expect(() => [...loader(photographs, { batchSize: 1 })]).toThrow(/must be waited for/);
    const odd = listDataset([{ x: tensor([1]) }, { x: tensor([1, 2]) }]);
    await expect(collected(loader(odd, { batchSize: 2 }))).rejects.toThrow(
      /sample 1, x: a tensor float32\[2\] is not float32\[1\]/,
    );
  });
});
