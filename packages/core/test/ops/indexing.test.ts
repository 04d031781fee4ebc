// Reading and writing at indices, and sorting, at the edges: equal indices, indices outside, NaN, ties, every dtype; and what is refused.
import { beforeAll, describe, expect, it } from "vitest";
import {
  AttributeError,
  DTypeError,
  ShapeError,
  type StriaError,
  type Tensor,
  argSort,
  compile,
  embedding,
  gather,
  grad,
  indexAdd,
  oneHot,
  scatter,
  scatterAdd,
  sort,
  take,
  tensor,
  topK,
  useBackend,
  zeros,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { requiredOnly } from "../support/backends.ts";

const nan = Number.NaN;
const int = (values: number[], shape = [values.length]): Tensor => tensor(Int32Array.from(values), { shape });
const table = (): Tensor => tensor(Float32Array.of(1, 2, 3, 4, 5, 6), { shape: [3, 2] });
const list = async (x: Tensor): Promise<number[]> => Array.from(await x.data());

describe.each([
  ["kernels", reference],
  ["decompositions", requiredOnly],
])("%s", (_, factory) => {
  beforeAll(() => useBackend(factory()));

  it("take reads slices along any axis, at indices of any rank", async () => {
    const corners = take(table(), int([2, 0, 2, 1], [2, 2]));
    expect([corners.shape, await list(corners)]).toEqual([
      [2, 2, 2],
      [5, 6, 1, 2, 5, 6, 3, 4],
    ]);
    expect(await take(table(), int([1]), -1).array()).toEqual([[2], [4], [6]]);
    const row = take(table(), int([1], []));
    expect([row.shape, await list(row)]).toEqual([[2], [3, 4]]);
    expect(await list(take(table(), tensor(Uint8Array.of(2, 2))))).toEqual([5, 6, 5, 6]);
    expect(take(table(), int([])).shape).toEqual([0, 2]);
  });

  it("what is outside, negative indices too, is NaN, or 0 among integers; NaN beside it does not spread", async () => {
    const outside = int([-1, 3, 1, 2 ** 31 - 1, -(2 ** 31)]);
    expect(await list(take(tensor([1, 2, 3]), outside))).toEqual([nan, nan, 2, nan, nan]);
    expect(await list(take(int([1, 2, 3]), outside))).toEqual([0, 0, 2, 0, 0]);
    expect(await list(take(tensor([true, true, true]), outside))).toEqual([0, 0, 1, 0, 0]);
    expect(await list(gather(tensor([1, 2, 3]), outside, 0))).toEqual([nan, nan, 2, nan, nan]);
    expect(await list(take(tensor([nan, 1, Infinity]), int([1, 2, 0])))).toEqual([1, Infinity, nan]);
    expect(await list(take(zeros([0, 2]), int([0])))).toEqual([nan, nan]);
    expect(await list(indexAdd(tensor([1, 2, 3]), outside, tensor([9, 9, 1, nan, 9])))).toEqual([1, 3, 3]);
    expect(await list(scatterAdd(tensor([1, 2, 3]), outside, tensor([9, 9, 1, nan, 9]), 0))).toEqual([1, 3, 3]);
    expect(await list(scatter(tensor([1, 2, 3]), outside, tensor([9, 9, 7, nan, 9]), 0))).toEqual([1, 7, 3]);
  });

  it("gather and scatterAdd take shorter indices, as PyTorch's", async () => {
    expect(await gather(table(), int([2, 0], [2, 1]), 0).array()).toEqual([[5], [1]]);
    const updates = tensor(Float32Array.of(10, 20, 30, 40, 50, 60), { shape: [3, 2] });
    expect(await scatterAdd(table(), int([2, 2], [2, 1]), updates, 0).array()).toEqual([
      [1, 2],
      [3, 4],
      [5 + 10 + 30, 6],
    ]);
  });

  it("equal indices: scatterAdd adds all, scatter keeps the last, and only that has a gradient", async () => {
    const [x, places, updates] = [zeros([2]), int([1, 1, 1]), tensor([3, 5, 7])];
    expect(await list(scatterAdd(x, places, updates, 0))).toEqual([0, 15]);
    expect(await list(scatter(x, places, updates, 0))).toEqual([0, 7]);
    expect(await list(scatter(tensor([true, true]), int([0]), tensor([false]), 0))).toEqual([0, 1]);
    const [dx, dUpdates] = grad(([a, b]: [Tensor, Tensor]) =>
      scatter(a, places, b, 0)
        .mul(tensor([2, 3]))
        .sum(),
    )([x, updates]);
    expect([await list(dx), await list(dUpdates)]).toEqual([
      [2, 0],
      [0, 0, 3],
    ]);
  });

  it("integers wrap around when they are added", async () => {
    expect(await list(scatterAdd(int([2 ** 31 - 1]), int([0]), int([1]), 0))).toEqual([-(2 ** 31)]);
  });

  it("sorting keeps the order of equals; NaN counts as largest", async () => {
    const x = tensor([2, nan, -1, 2, Infinity, nan, -0, 0]);
    expect(await list(argSort(x))).toEqual([2, 6, 7, 0, 3, 4, 1, 5]);
    expect(await list(argSort(x, 0, { descending: true }))).toEqual([1, 5, 4, 0, 3, 6, 7, 2]);
    const { values, indices } = topK(x, 3);
    expect([await list(values), await list(indices)]).toEqual([
      [nan, nan, Infinity],
      [1, 5, 4],
    ]);
    expect(await list(topK(x, 2, -1, { largest: false }).indices)).toEqual([2, 6]);
    expect(await list(sort(int([3, -(2 ** 31), 2 ** 31 - 1])).values)).toEqual([-(2 ** 31), 3, 2 ** 31 - 1]);
    expect(await list(sort(tensor([true, false, true]), 0, { descending: true }).indices)).toEqual([0, 2, 1]);
    expect(sort(zeros([2, 0])).values.shape).toEqual([2, 0]);
    expect(topK(table(), 0).indices.shape).toEqual([3, 0]);
  });

  it("oneHot of what is no class is 0", async () => {
    expect(await oneHot(int([1, -1, 2, 3]), 3).array()).toEqual([
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
    ]);
    expect(oneHot(int([1]), 2, "bool").dtype).toBe("bool");
  });

  it("the padding of an embedding is read, and has no gradient", async () => {
    const tokens = int([0, 2, 0, 1]);
    expect(await list(embedding(tokens, table(), { paddingIndex: 0 }))).toEqual([1, 2, 5, 6, 1, 2, 3, 4]);
    const gradient = (paddingIndex?: number): Promise<number[]> =>
      list(
        grad((w: Tensor) => embedding(tokens, w, paddingIndex === undefined ? {} : { paddingIndex }).sum())(table()),
      );
    expect(await gradient()).toEqual([2, 2, 1, 1, 1, 1]);
    expect(await gradient(0)).toEqual([0, 0, 1, 1, 1, 1]);
    expect(await gradient(-1)).toEqual([2, 2, 1, 1, 0, 0]);
  });
});

describe("is refused:", () => {
  beforeAll(() => useBackend(reference()));

  const cases: [string, () => unknown, new (...args: never[]) => StriaError, RegExp][] = [
    [
      "indices that are no integers",
      () => take(table(), tensor([1])),
      DTypeError,
      /^take: the indices are float32\. Remedy: cast them to int32/,
    ],
    [
      "an axis that is not there",
      () => take(table(), int([0]), 2),
      ShapeError,
      /^take: axis 2 is not an axis of a tensor of rank 2/,
    ],
    [
      "a result of too many axes",
      () => take(zeros([1, 1, 1, 1, 1]), zeros([1, 1, 1, 1, 1], "int32")),
      ShapeError,
      /^take: rank 9 is more than 8/,
    ],
    ["an axis of a scalar", () => sort(tensor(1)), ShapeError, /^sort: .*a scalar has no axes/],
    [
      "indices of another rank",
      () => gather(table(), int([0]), 0),
      ShapeError,
      /^gather: indices of shape \[1\] reach beyond \[3, 2\] in an axis other than 0\. Remedy: .*same rank/,
    ],
    [
      "indices beyond another axis",
      () => gather(table(), int([0, 0, 0], [1, 3]), 0),
      ShapeError,
      /^gather: indices of shape \[1, 3\]/,
    ],
    [
      "more indices than updates",
      () => scatterAdd(table(), int([0, 0], [1, 2]), zeros([1, 1]), 0),
      ShapeError,
      /^scatterAdd: indices of shape \[1, 2\] reach beyond \[1, 1\]\. /,
    ],
    [
      "updates of another shape",
      () => indexAdd(table(), int([0, 1]), zeros([3, 2])),
      ShapeError,
      /^indexAdd: updates are float32\[3, 2\], x is float32\[3, 2\] and the indices int32\[2\]\. Remedy: give updates of shape \[2, 2\]/,
    ],
    [
      "updates of another dtype",
      () => scatter(table(), int([0, 0], [1, 2]), zeros([1, 2], "int32"), 0),
      DTypeError,
      /^where: operands are int32 and float32/,
    ],
    [
      "conditions that are added",
      () => scatterAdd(tensor([true]), int([0]), tensor([true]), 0),
      DTypeError,
      /^gatherGradient: it does not take bool/,
    ],
    [
      "more elements than there are",
      () => topK(table(), 3),
      AttributeError,
      /^topK: k is 3, axis 1 has 2 elements\. Remedy: .*0 to 2/,
    ],
    ["half an element", () => topK(table(), 0.5), AttributeError, /^topK: k is 0\.5/],
    ["a negative number of classes", () => oneHot(int([0]), -1), AttributeError, /^oneHot: there are -1 classes/],
    [
      "a table that is none",
      () => embedding(int([0]), zeros([3])),
      ShapeError,
      /^embedding: the table is \[3\]\. Remedy: give it as \[rows, size\]/,
    ],
    [
      "a padding row that is not there",
      () => embedding(int([0]), table(), { paddingIndex: 3 }),
      AttributeError,
      /^embedding: paddingIndex is 3, the table has 3 rows\. Remedy: use -3 to 2/,
    ],
    [
      "a token that is no row",
      () => embedding(int([0, 3]), table()),
      AttributeError,
      /^embedding: index 3 at place 1 is not one of 3 rows\. Remedy: .*0 to 2/,
    ],
    [
      "a token that is no row, in a batch",
      () => compile((tokens: Tensor) => embedding(tokens, table()))(int([-1])),
      AttributeError,
      /^embedding: index -1 at place 0/,
    ],
  ];
  it.each(cases)("%s", (_, f, type, message) => {
    expect(f).toThrow(type);
    expect(f).toThrow(message);
  });
});
