// The examples with which convolution and pooling are taught, to the last digit.
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  ShapeError,
  type Tensor,
  at,
  avgPool,
  compile,
  conv,
  convTranspose,
  grad,
  matmul,
  maxPool,
  mul,
  outputSize,
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
    const [point, kernel] = [plane("0 0 0 / 0 1 0 / 0 0 0"), plane("1 2 3 / 4 5 6 / 7 8 9")];
    expect(await show(trueConvolution(point, kernel, { padding: 1 }))).toBe("1 2 3 / 4 5 6 / 7 8 9");
    expect(await show(conv(point, kernel, { padding: 1 }))).toBe("9 8 7 / 6 5 4 / 3 2 1");
  });
});

describe("classical filters", () => {
  /** A bright square in the dark. */
  const square = plane("0 0 0 0 0 / 0 9 9 9 0 / 0 9 9 9 0 / 0 9 9 9 0 / 0 0 0 0 0");
  const filtered = (kernel: string, scale = 1): Promise<string> => show(conv(square, mul(plane(kernel), scale)));

  it("identity", async () => {
    expect(await filtered("0 0 0 / 0 1 0 / 0 0 0")).toBe("9 9 9 / 9 9 9 / 9 9 9");
  });

  it("edges, of three kinds: nothing where it is even, something at the border", async () => {
    expect(await filtered("1 0 -1 / 0 0 0 / -1 0 1")).toBe("9 0 -9 / 0 0 0 / -9 0 9");
    expect(await filtered("0 1 0 / 1 -4 1 / 0 1 0")).toBe("-18 -9 -18 / -9 0 -9 / -18 -9 -18");
    expect(await filtered("-1 -1 -1 / -1 8 -1 / -1 -1 -1")).toBe("45 27 45 / 27 0 27 / 45 27 45");
  });

  it("sharpening raises the border, and leaves what is even", async () => {
    expect(await filtered("0 -1 0 / -1 5 -1 / 0 -1 0")).toBe("27 18 27 / 18 9 18 / 27 18 27");
  });

  it("box blur, a ninth of each neighbour", async () => {
    const ninths = mul(conv(square, plane("1 1 1 / 1 1 1 / 1 1 1")), 1 / 9);
    expect(await distance(ninths, plane("4 6 4 / 6 9 6 / 4 6 4"))).toBeLessThan(1e-6);
    expect(await show(avgPool(square, 3, { stride: 1 }))).toBe("4 6 4 / 6 9 6 / 4 6 4");
  });

  it("Gaussian blur, in sixteenths", async () => {
    expect(await filtered("1 2 1 / 2 4 2 / 1 2 1", 1 / 16)).toBe(
      "5.0625 6.75 5.0625 / 6.75 9 6.75 / 5.0625 6.75 5.0625",
    );
  });

  it("Sobel: the slope across, smoothed along; a product of a column and a row", async () => {
    expect(await filtered("-1 0 1 / -2 0 2 / -1 0 1")).toBe("27 0 -27 / 36 0 -36 / 27 0 -27");
    expect(await filtered("-1 -2 -1 / 0 0 0 / 1 2 1")).toBe("27 36 27 / 0 0 0 / -27 -36 -27");
    expect(await show(conv(conv(square, plane("1 / 2 / 1")), plane("-1 0 1")))).toBe(
      await filtered("-1 0 1 / -2 0 2 / -1 0 1"),
    );
  });

  it("a detector of a curve: 6600 on the curve, 0 off it", async () => {
    const detector = plane(
      "0 0 0 0 0 30 0 / 0 0 0 0 30 0 0 / 0 0 0 30 0 0 0 / 0 0 0 30 0 0 0 / 0 0 0 30 0 0 0 / 0 0 0 30 0 0 0 / 0 0 0 0 0 0 0",
    );
    const on =
      "0 0 0 0 0 0 30 / 0 0 0 0 50 50 50 / 0 0 0 20 50 0 0 / 0 0 0 50 50 0 0 / 0 0 0 50 50 0 0 / 0 0 0 50 50 0 0 / 0 0 0 50 50 0 0";
    const off =
      "0 0 0 0 0 0 0 / 0 40 0 0 0 0 0 / 40 0 40 0 0 0 0 / 40 20 0 0 0 0 0 / 0 50 0 0 0 0 0 / 0 0 50 0 0 0 0 / 25 25 0 50 0 0 0";
    expect(await show(conv(plane(on), detector))).toBe("6600"); // 4 * 50 * 30 + 20 * 30
    expect(await show(conv(plane(off), detector))).toBe("0");
  });
});

it("max pooling, 2x2 with stride 2; its gradient goes to the winners", async () => {
  const x = plane("1 3 2 1 / 2 9 1 1 / 1 3 2 3 / 5 6 1 2");
  expect(await show(maxPool(x, 2))).toBe("9 2 / 6 3");
  expect(await show(grad((z: Tensor) => maxPool(z, 2).sum())(x))).toBe("0 0 1 0 / 0 1 0 0 / 0 0 0 1 / 0 1 0 0");
});

it("average pooling shares its gradient equally; a convolution's goes back through the flipped filter", async () => {
  const shared = grad((z: Tensor) => avgPool(z, 2).mul(plane("4 8")).sum())(plane("1 2 3 4 / 5 6 7 8"));
  expect(await show(shared)).toBe("1 1 2 2 / 1 1 2 2");
  const [dy, w] = [plane("1 2 / 3 4"), plane("1 2 / 3 4")];
  const { grads } = vjp((z) => conv(z, w), plane("0 0 0 / 0 0 0 / 0 0 0"), dy);
  expect(await show(grads)).toBe("1 4 4 / 6 20 16 / 9 24 16");
  expect(await show(trueConvolution(dy, w, { padding: 1 }))).toBe("1 4 4 / 6 20 16 / 9 24 16");
});

describe("sizes", () => {
  const sizes = fc.record({
    length: fc.integer({ min: 1, max: 20 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 0, max: 4 }),
  });

  it("floor((n + 2p - d (f - 1) - 1) / s) + 1: the convolution has what the formula says, or the kernel does not fit", () => {
    fc.assert(
      fc.property(sizes, ({ length, kernel, ...options }) => {
        const { stride, dilation, padding } = options;
        const rest = length + 2 * padding - dilation * (kernel - 1) - 1;
        const convolved = (): number =>
          at(conv(uniform([1, 1, length], 1), uniform([1, 1, kernel], 2), options).shape, 2);
        const found = [convolved, () => outputSize(length, kernel, options)].map((size) => {
          try {
            return size();
          } catch (error) {
            return error instanceof ShapeError && /does not fit spatial axis 0/.test(error.message)
              ? "too large"
              : error;
          }
        });
        const wanted = rest < 0 ? "too large" : Math.floor(rest / stride) + 1;
        expect(found).toEqual([wanted, wanted]);
      }),
      { numRuns: 300 },
    );
  });

  it("what a stride does not divide is left over", () => {
    const [seven, six] = [outputSize(7, 3, { stride: 2 }), outputSize(6, 3, { stride: 2 })];
    expect([seven, six, outputSize(8, 3, { stride: 2 }), outputSize(32, 5, { padding: 2 })]).toEqual([3, 2, 3, 32]);
  });

  it("the padding in words, and on one side", () => {
    expect(outputSize(9, 4, { padding: "same", dilation: 2 })).toBe(9);
    expect(outputSize(9, 4, { padding: "causal" })).toBe(9);
    expect(outputSize(9, 4, { padding: "valid" })).toBe(6);
    expect(outputSize(9, 4, { padding: [0, 1] })).toBe(7);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a stride of 0", () => outputSize(9, 3, { stride: 0 }), /^outputSize: stride \[0\] has an entry below 1/],
    ["a negative padding", () => outputSize(9, 3, { padding: -1 }), /padding \[-1, -1\] has an entry below 0/],
    ["no length", () => outputSize(-1, 3), /the length is -1/],
    ["a kernel of 0", () => outputSize(9, 0), /kernel \[0\]/],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
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
    expect(await show(reshape(matrix(), [1, 1, 4, 16]))).toBe(
      [
        "1 2 3 0 4 5 6 0 7 8 9 0 0 0 0 0",
        "0 1 2 3 0 4 5 6 0 7 8 9 0 0 0 0",
        "0 0 0 0 1 2 3 0 4 5 6 0 7 8 9 0",
        "0 0 0 0 0 1 2 3 0 4 5 6 0 7 8 9",
      ].join(" / "),
    );
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
