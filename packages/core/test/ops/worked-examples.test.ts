// The examples with which convolution and pooling are taught, to the last digit.
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Tensor,
  at,
  compile,
  conv,
  convTranspose,
  grad,
  matmul,
  maxPool,
  reshape,
  tensor,
  trueConvolution,
  unfold,
  useBackend,
  vjp,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { distance, uniform } from "../support/numbers.ts";

beforeAll(() => useBackend(reference()));

/** "1 2 / 3 4" as [1, 1, rows, columns]. */
function plane(text: string): Tensor {
  const rows = text.split("/").map((row) => row.trim().split(/\s+/).map(Number));
  return tensor(Float32Array.from(rows.flat()), { shape: [1, 1, rows.length, at(rows, 0).length] });
}

/** "11100 01110" as [1, 1, rows, columns]. */
const bits = (text: string): Tensor =>
  plane(
    text
      .split(" ")
      .map((row) => row.split("").join(" "))
      .join("/"),
  );

const line = (...numbers: number[]): Tensor => tensor(Float32Array.from(numbers), { shape: [1, 1, numbers.length] });

async function show(x: Tensor): Promise<string> {
  const data = Array.from(await x.data());
  const width = at(x.shape, x.rank - 1);
  return Array.from({ length: data.length / width }, (_, row) =>
    data.slice(row * width, (row + 1) * width).join(" "),
  ).join(" / ");
}

const edge = plane("1 0 -1 / 1 0 -1 / 1 0 -1");

describe("filtering", () => {
  it("a 3x3 filter over 5x5", async () => {
    const x = bits("11100 01110 00111 00110 01100");
    expect(await show(conv(x, bits("101 010 101")))).toBe("4 3 4 / 2 4 3 / 2 3 4");
  });

  it("an edge filter", async () => {
    const x = plane("3 0 1 2 7 4 / 1 5 8 9 3 1 / 2 7 2 5 1 3 / 0 1 3 1 7 8 / 4 2 1 6 2 8 / 2 4 5 2 3 9");
    expect(await show(conv(x, edge))).toBe("-5 -4 0 8 / -10 -2 2 3 / 0 -2 -4 -7 / -3 -2 -3 -16");
  });

  it("a vertical edge", async () => {
    const x = plane(Array<string>(6).fill("10 10 10 0 0 0").join("/"));
    expect(await show(conv(x, edge))).toBe(Array<string>(4).fill("0 30 30 0").join(" / "));
  });

  it("stride 2", async () => {
    const x = plane(
      "2 3 7 4 6 2 9 / 6 6 9 8 7 4 3 / 3 4 8 3 8 9 7 / 7 8 3 6 6 3 4 / 4 2 1 8 3 4 6 / 3 2 4 1 9 8 3 / 0 1 3 9 2 1 4",
    );
    const y = conv(x, plane("3 4 4 / 1 0 2 / -1 0 3"), { stride: 2 });
    // The third number is often printed as 83: 3*6 + 4*2 + 4*9 + 7 + 2*3 - 8 + 3*7 = 88.
    expect(await show(y)).toBe("91 100 88 / 69 91 117 / 44 72 74");
  });

  it("in one dimension, with stride and padding", async () => {
    const [x, w] = [line(1, 2, 3, 2, 5, 1), line(1, 2)];
    expect(await show(conv(x, w))).toBe("5 8 7 12 7");
    expect(await show(conv(x, w, { stride: 2 }))).toBe("5 7 7");
    expect(await show(conv(x, w, { padding: 1 }))).toBe("2 5 8 7 12 7 1");
  });

  it("identity, and true convolution, which flips the kernel", async () => {
    const x = uniform([1, 1, 4, 4], 1);
    expect(await distance(conv(x, plane("0 0 0 / 0 1 0 / 0 0 0"), { padding: 1 }), x)).toBe(0);
    expect(await show(trueConvolution(line(0, 0, 1, 0, 0), line(1, 2, 3), { padding: 1 }))).toBe("0 1 2 3 0");
    expect(await show(conv(line(0, 0, 1, 0, 0), line(1, 2, 3), { padding: 1 }))).toBe("0 3 2 1 0");
  });
});

it("max pooling, 2x2 with stride 2; its gradient goes to the winners", async () => {
  const x = plane("1 3 2 1 / 2 9 1 1 / 1 3 2 3 / 5 6 1 2");
  expect(await show(maxPool(x, 2))).toBe("9 2 / 6 3");
  expect(await show(grad((z: Tensor) => maxPool(z, 2).sum())(x))).toBe("0 0 1 0 / 0 1 0 0 / 0 0 0 1 / 0 1 0 0");
});

describe("sizes", () => {
  const length = (n: number, kernel: number, stride: number, padding: number, dilation = 1): number =>
    at(conv(uniform([1, 1, n], 1), uniform([1, 1, kernel], 2), { stride, padding, dilation }).shape, 2);

  it("floor((n + 2p - f) / s) + 1, floored where the stride does not divide, also with dilation", () => {
    expect([length(7, 3, 2, 0), length(6, 3, 2, 0), length(8, 3, 2, 0), length(32, 5, 1, 2)]).toEqual([3, 2, 3, 32]);
    const found: [number, number][] = [];
    for (let n = 1; n < 12; n++)
      for (const [f, s, p, d] of [
        [1, 1, 0, 1],
        [3, 2, 1, 1],
        [2, 3, 2, 1],
        [3, 1, 2, 2],
        [2, 3, 1, 3],
      ] as const)
        if (n + 2 * p >= d * (f - 1) + 1)
          found.push([length(n, f, s, p, d), Math.floor((n + 2 * p - d * (f - 1) - 1) / s) + 1]);
    expect(found.map(([size]) => size)).toEqual(found.map(([, wanted]) => wanted));
  });

  it("a layer of ten 5x5 filters on 3x32x32 with padding 2", () => {
    const graph = compile((x: Tensor, w: Tensor, b: Tensor) => conv(x, w, { padding: 2, bias: b })).graph(
      uniform([1, 3, 32, 32], 1),
      uniform([10, 3, 5, 5], 2),
      uniform([10], 3),
    );
    expect(at(graph.values, at(graph.outputs, 0).value).shape).toEqual([1, 10, 32, 32]);
  });

  it("the receptive field of L layers of K is 1 + L (K - 1): that many elements have a gradient", async () => {
    for (const [layers, kernel] of [
      [1, 3],
      [3, 3],
      [2, 5],
    ] as const) {
      const w = tensor(new Float32Array(kernel).fill(1), { shape: [1, 1, kernel] });
      const f = (x: Tensor): Tensor => {
        let y = x;
        for (let layer = 0; layer < layers; layer++) y = conv(y, w);
        return reshape(y, [-1])
          .mul(tensor([0, 0, 1, ...Array<number>(at(y.shape, 2) - 3).fill(0)]))
          .sum();
      };
      const gradient = await grad(f)(uniform([1, 1, 20], 1)).data();
      expect(gradient.filter((value: number) => value !== 0)).toHaveLength(1 + layers * (kernel - 1));
    }
  });
});

describe("convolution as a matrix", () => {
  const kernel = plane("1 2 3 / 4 5 6 / 7 8 9");

  /** The 4x16 matrix of a 3x3 kernel over a 4x4 plane: column i is the convolution of the i-th unit plane. */
  function matrix(): Tensor {
    const units = tensor(
      Float32Array.from({ length: 256 }, (_, i) => (i % 17 === 0 ? 1 : 0)),
      { shape: [16, 1, 4, 4] },
    );
    return reshape(conv(units, kernel), [16, 4]).transpose();
  }

  it("is sparse, and equal to the direct way", async () => {
    const rows = await matrix().array();
    expect(at(Array.isArray(rows) ? rows : [], 0)).toEqual([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0]);
    const x = uniform([1, 1, 4, 4], 1);
    expect(await distance(reshape(matmul(matrix(), reshape(x, [16])), [1, 1, 2, 2]), conv(x, kernel))).toBeLessThan(
      1e-6,
    );
  });

  it("backwards it is its transpose, which is the transposed convolution", async () => {
    const dy = uniform([1, 1, 2, 2], 2);
    const byMatrix = reshape(matmul(matrix().transpose(), reshape(dy, [4])), [1, 1, 4, 4]);
    const { grads } = vjp((x) => conv(x, kernel), uniform([1, 1, 4, 4], 3), dy);
    expect(await distance(grads, byMatrix)).toBeLessThan(1e-6);
    expect(await distance(convTranspose(dy, kernel), byMatrix)).toBeLessThan(1e-6);
  });

  it("a matrix product with the columns of unfold", async () => {
    const x = uniform([2, 3, 5, 5], 4);
    const w = uniform([4, 3, 3, 3], 5);
    const product = matmul(reshape(w, [4, 27]), unfold(x, { kernel: 3, stride: 2, padding: 1 }));
    expect(await distance(reshape(product, [2, 4, 3, 3]), conv(x, w, { stride: 2, padding: 1 }))).toBeLessThan(1e-6);
  });

  it("a transposed convolution with stride fills with zeros between the elements", async () => {
    const spread = line(1, 0, 0, 2, 0, 0, 3);
    const w = line(1, 10, 100);
    expect(await show(convTranspose(line(1, 2, 3), w, { stride: 3 }))).toBe(
      await show(trueConvolution(spread, w, { padding: 2 })),
    );
  });
});
