// The embedding layer: its first values, its gradient, padding, in a list of layers, and what it refuses.
import {
  AttributeError,
  DTypeError,
  type Tensor,
  evaluating,
  namedCells,
  setSeed,
  tensor,
  useBackend,
  valueAndGrad,
  zeros,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, expect, it } from "vitest";
import { Embedding, dense, flatten, initialisers, sequential, stateDict } from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

const tokens = (...list: number[]): Tensor => tensor(Int32Array.from(list), { shape: [1, list.length] });

it("gives a row for each index, and a gradient to each row that was read, as often as it was", async () => {
  const layer = new Embedding(4, 2, { weightInitialiser: () => Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) });
  expect([...stateDict(layer).keys()]).toEqual(["weight"]);
  const y = evaluating(() => layer.forward(tokens(3, 0, 3)));
  expect(y.shape).toEqual([1, 3, 2]);
  expect([...(await y.data())]).toEqual([6, 7, 0, 1, 6, 7]);
  const { grads } = evaluating(() => valueAndGrad(layer, () => layer.forward(tokens(3, 0, 3)).sum()));
  expect([...((await grads.get("weight")?.data()) ?? [])]).toEqual([1, 1, 0, 0, 0, 0, 2, 2]);
});

it("padding starts as 0 and gets no gradient", async () => {
  const layer = new Embedding(3, 2, { paddingIndex: -1, weightInitialiser: initialisers.ones });
  expect([...((await namedCells(layer).get("weight")?.value.data()) ?? [])]).toEqual([1, 1, 1, 1, 0, 0]);
  const { grads } = evaluating(() => valueAndGrad(layer, () => layer.forward(tokens(2, 1, 2)).sum()));
  expect([...((await grads.get("weight")?.data()) ?? [])]).toEqual([0, 0, 1, 1, 0, 0]);
});

it("is the first of a list of layers whose sizes are worked out", async () => {
  const model = sequential([new Embedding(10, 4), flatten(), dense(3)], { inputShape: [5], inputDType: "int32" });
  expect(evaluating(() => model.forward(tokens(0, 1, 2, 3, 9))).shape).toEqual([1, 3]);
});

it("refuses sizes and rows that are not there, and what is no index", () => {
  expect(() => new Embedding(0, 2)).toThrow(AttributeError);
  expect(() => new Embedding(3, 2, { paddingIndex: 3 })).toThrow(
    /^Embedding: paddingIndex is 3, the table has 3 rows\. Remedy: use -3 to 2/,
  );
  const layer = new Embedding(3, 2);
  expect(() => layer.forward(zeros([1, 2]))).toThrow(DTypeError);
  expect(() => layer.forward(zeros([1, 2]))).toThrow(/Embedding: take: the indices are float32\. Remedy: cast them/);
  expect(() => layer.forward(tokens(1, 3))).toThrow(/Embedding: embedding: index 3 at place 1 is not one of 3 rows/);
});
