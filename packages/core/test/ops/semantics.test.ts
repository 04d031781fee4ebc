// What ops do at the edges: NaN, infinities, signed zero, ties, empty axes, integers that overflow.
import { beforeAll, describe, expect, it } from "vitest";
import {
  abs,
  add,
  argMax,
  argMin,
  avgPool,
  broadcastTo,
  cast,
  ceil,
  concat,
  convTranspose,
  conv,
  equal,
  erf,
  flip,
  full,
  grad,
  greater,
  greaterEqual,
  iota,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  max,
  maxPoolWithIndices,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  prod,
  reshape,
  round,
  sign,
  slice,
  softmax,
  softmaxCrossEntropy,
  sqrt,
  log,
  sub,
  sum,
  tensor,
  type Tensor,
  transpose,
  useBackend,
  where,
  zeros,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";

beforeAll(() => useBackend(reference()));

const list = async (x: Tensor): Promise<number[]> => Array.from(await x.data());
const int = (...values: number[]): Tensor => tensor(Int32Array.from(values));
const nan = Number.NaN;

describe("NaN", () => {
  it("wins in max, maximum, minimum and pooling; compares false", async () => {
    expect(
      await list(
        max(
          tensor([
            [1, nan, 3],
            [1, 2, 3],
          ]),
          1,
        ),
      ),
    ).toEqual([nan, 3]);
    expect(await list(min(tensor([1, nan, 3])))).toEqual([nan]);
    expect(await list(maximum(tensor([nan, 1]), tensor([1, nan])))).toEqual([nan, nan]);
    expect(await list(minimum(tensor([nan, 1]), tensor([1, nan])))).toEqual([nan, nan]);
    const { values, indices } = maxPoolWithIndices(tensor([[[1, nan, nan, 3]]]), 4);
    expect([await list(values), await list(indices)]).toEqual([[nan], [1]]);
    const [a, b] = [tensor([nan, 1]), tensor([nan, nan])];
    for (const compare of [equal, less, lessEqual, greater, greaterEqual])
      expect(await list(compare(a, b))).toEqual([0, 0]);
    expect(await list(notEqual(a, a))).toEqual([1, 0]);
  });

  it("counts as largest for argMax and as smallest for argMin; the first of equals wins", async () => {
    expect(
      await list(
        argMax(
          tensor([
            [1, nan, 3, nan],
            [2, 5, 5, 1],
          ]),
        ),
      ),
    ).toEqual([1, 1]);
    expect(
      await list(
        argMin(
          tensor([
            [1, nan, 3],
            [2, 1, 1],
          ]),
        ),
      ),
    ).toEqual([1, 1]);
    expect(await list(argMax(tensor([-Infinity, -Infinity])))).toEqual([0]);
  });

  it("comes of roots and logarithms of negatives, of a mean of nothing, of a label that is no class", async () => {
    expect(await list(sqrt(tensor([-1, 4])))).toEqual([nan, 2]);
    expect(await list(log(tensor([-1, 0, 1])))).toEqual([nan, -Infinity, 0]);
    expect(await list(mean(zeros([2, 0]), 1))).toEqual([nan, nan]);
    expect(
      (
        await list(
          softmaxCrossEntropy(
            tensor([
              [0, 0],
              [0, 0],
              [0, 0],
            ]),
            int(-1, 1, 2),
          ),
        )
      ).map((value) => Math.fround(value)),
    ).toEqual([nan, Math.fround(Math.LN2), nan]);
  });
});

describe("pow is C's", () => {
  it.each([
    [1, nan, 1],
    [nan, 0, 1],
    [0, 0, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [1, -Infinity, 1],
    [-2, 3, -8],
    [-2, -1, -0.5],
    [-8, 1 / 3, nan],
    [0, -1, Infinity],
    [-0, -1, -Infinity],
    [-0, 3, -0],
    [0.5, Infinity, 0],
    [0.5, -Infinity, Infinity],
    [2, nan, nan],
    [-Infinity, 3, -Infinity],
  ])("%d ** %d is %d", async (a, b, wanted) => {
    expect(Object.is(await pow(tensor(a), tensor(b)).item(), wanted)).toBe(true);
  });
});

describe("rounding and casting", () => {
  it("halves go to the even neighbour", async () => {
    expect(await list(round(tensor([0.5, 1.5, 2.5, -0.5, -1.5, 3.7, -Infinity, nan])))).toEqual([
      0,
      2,
      2,
      -0,
      -2,
      4,
      -Infinity,
      nan,
    ]);
    expect(await list(ceil(tensor([1.2, -1.2, 2])))).toEqual([2, -1, 2]);
  });

  it("casts truncate towards zero, saturate, and take NaN to 0; everything but 0 is true", async () => {
    expect(await list(cast(tensor([1.9, -1.9, nan, 3e9, -Infinity]), "int32"))).toEqual([
      1,
      -1,
      0,
      2 ** 31 - 1,
      -(2 ** 31),
    ]);
    expect(await list(cast(tensor([1.9, -1, 300]), "uint8"))).toEqual([1, 0, 255]);
    expect(await list(cast(tensor([0, -0, 0.1, nan]), "bool"))).toEqual([0, 0, 1, 1]);
    expect(await list(cast(tensor([true, false]), "float32"))).toEqual([1, 0]);
  });

  it("erf is right to the last digit of float32", async () => {
    expect(await list(erf(tensor([0.5, -1, 2, 5, -Infinity])))).toEqual(
      [0.5204998778130465, -0.8427007929497149, 0.9953222650189527, 0.9999999999984626, -1].map(Math.fround),
    );
  });
});

it("integers wrap", async () => {
  const big = int(2 ** 31 - 1, 65536, -(2 ** 31));
  expect(await list(add(big, 1))).toEqual([-(2 ** 31), 65537, -(2 ** 31) + 1]);
  expect(await list(mul(big, big))).toEqual([1, 0, 0]);
  expect(await list(mul(int(123456789), int(987654321)))).toEqual([Math.imul(123456789, 987654321)]);
  expect(await list(prod(int(65536, 65536, 3)))).toEqual([0]);
  expect(await list(sum(big))).toEqual([65535]);
  expect(await list(neg(big))).toEqual([-(2 ** 31) + 1, -65536, -(2 ** 31)]);
  expect(await list(abs(big))).toEqual([2 ** 31 - 1, 65536, -(2 ** 31)]);
  expect(await list(sign(int(-5, 0, 7)))).toEqual([-1, 0, 1]);
});

describe("nothing", () => {
  it("sums to 0 and multiplies to 1; has no maximum", async () => {
    expect(await list(sum(zeros([2, 0]), 1))).toEqual([0, 0]);
    expect(await list(prod(zeros([0, 2]), 0))).toEqual([1, 1]);
    expect(max(zeros([0, 3]), 1).shape).toEqual([0]);
    expect(() => max(zeros([2, 0]), 1)).toThrow(/max: axis 1 of \[2, 0\] is empty/);
    expect(() => argMax(zeros([2, 0]))).toThrow(/argMax: axis 1 of \[2, 0\] is empty/);
  });

  it("goes through every kind of op, and its gradients", async () => {
    const x = zeros([0, 2, 4]);
    const w = full([3, 2, 2], 1);
    for (const y of [
      add(x, 1),
      softmax(x),
      conv(x, w),
      convTranspose(x, full([2, 3, 2], 1)),
      maxPoolWithIndices(x, 2).values,
      avgPool(x, 2),
      flip(x, 0),
      concat([x, x], 0),
      transpose(x),
      slice(x, [0, 1, 0], [0, 1, 4]),
      where(less(x, 1), x, 0),
    ])
      expect(await list(y)).toEqual([]);
    const gradient = grad((kernel: Tensor) => conv(x, kernel).sum())(w);
    expect(await list(gradient)).toEqual(Array(12).fill(0));
    expect(await list(grad((z: Tensor) => slice(z, [3], [0]).sum())(tensor([1, 2, 3])))).toEqual([0, 0, 0]);
  });
});

describe("broadcasting and shapes", () => {
  it("numbers take the dtype of the other operand", async () => {
    expect(sub(int(5), 2).dtype).toBe("int32");
    expect(await list(sub(1, tensor([3])))).toEqual([-2]);
    expect(() => mul(int(1), 0.5)).toThrow(/mul: the number 0\.5 is no int32/);
    expect(() => add(1, 2)).toThrow(/both operands are numbers/);
  });

  it("conditions broadcast with both branches", async () => {
    const condition = logicalOr(logicalAnd(tensor([[true], [false]]), tensor([true, false])), tensor([false, false]));
    expect(await where(condition, tensor([1, 2]), tensor([[10], [20]])).array()).toEqual([
      [1, 10],
      [20, 20],
    ]);
  });

  it("a stretched axis may be of length 0", () => {
    expect(add(zeros([1, 3]), zeros([0, 3])).shape).toEqual([0, 3]);
    expect(broadcastTo(zeros([1]), [0]).shape).toEqual([0]);
  });

  it("one length of a shape may be -1; -1 and other dtypes", async () => {
    expect(reshape(iota([2, 3, 4], 2), [4, -1]).shape).toEqual([4, 6]);
    expect(iota([2, 3], 1).dtype).toBe("int32");
    expect(await list(iota([2, 2], 0, "float32"))).toEqual([0, 0, 1, 1]);
  });
});
