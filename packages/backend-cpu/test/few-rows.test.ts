// Products of few rows, whose right operand is read where it lies, against sums in float64.
import {
  add,
  at,
  compile,
  fromHost,
  matmul,
  relu,
  reshape,
  slice,
  type Tensor,
  transpose,
  useBackend,
} from "@stria/core";
import { describe, expect, test } from "vitest";
import { explain } from "../src/index.ts";
import { Random } from "./support/random.ts";
import { usualBackends } from "./support/usual-backends.ts";

const backends = usualBackends();

interface Product {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly bias: boolean;
  readonly rectified: boolean;
}

const drawn = (random: Random, size: number): Float32Array => Float32Array.from(random.value([size]).data);

function inDoubles(
  { rows, depth, columns, rectified }: Product,
  a: Float32Array,
  b: Float32Array,
  c?: Float32Array,
): number[] {
  return Array.from({ length: rows * columns }, (_, place) => {
    const [row, column] = [Math.floor(place / columns), place % columns];
    let sum = c ? at(c, column) : 0;
    for (let k = 0; k < depth; k++) sum += at(a, row * depth + k) * at(b, column * depth + k);
    return rectified ? Math.max(0, sum) : sum;
  });
}

/** Answers of all backends, and the kernels of the first. */
async function answers(product: Product, a: Float32Array, b: Float32Array, c: Float32Array) {
  const { rows, depth, columns, bias, rectified } = product;
  const found: Float32Array[] = [];
  let kernels = "";
  for (const backend of backends) {
    await useBackend(backend);
    const given = [
      fromHost(a.slice(), [rows, depth], "float32"),
      fromHost(b.slice(), [columns, depth], "float32"),
      fromHost(c.slice(), [columns], "float32"),
    ] as const;
    const f = compile((x: Tensor, y: Tensor, z: Tensor) => {
      const plain = matmul(x, y, { transposeB: true });
      const sum = bias ? add(plain, z) : plain;
      return rectified ? relu(sum) : sum;
    });
    found.push(Float32Array.from(await f(...given).data()));
    kernels ||= (await explain(f, [...given])).units.map(({ algorithm }) => algorithm).join();
  }
  return { found, kernels };
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("%i rows", (rows) => {
  test.each([
    [32, 1],
    [33, 2],
    [50, 7],
    [67, 8],
    [130, 9],
    [400, 21],
  ])("of depth %i by %i columns", async (depth, columns) => {
    const random = new Random(rows * 100 + columns);
    const product = { rows, depth, columns, bias: random.chance(0.6), rectified: random.chance(0.5) };
    const [a, b, c] = [drawn(random, rows * depth), drawn(random, columns * depth), drawn(random, columns)];
    const { found, kernels } = await answers(product, a, b, c);
    expect(kernels).toContain("fewRows");
    const [one, three, plain] = found;
    if (!one || !three || !plain) throw new Error("there are three");
    expect(three).toEqual(one);
    // Lanes of depth / 4 sums, each rounded: numbers below 4, products below 16.
    const bound = 2 ** -23 * (4 + depth);
    inDoubles(product, a, b, product.bias ? c : undefined).forEach((want, place) => {
      expect(Math.abs(at(one, place) - want)).toBeLessThan(bound);
      expect(Math.abs(at(plain, place) - want)).toBeLessThan(bound);
    });
  });
});

test("operands that are parts of others, and images in a batch, are read where they lie", async () => {
  const random = new Random(5);
  const [a, b] = [drawn(random, 3 * 2 * 40), drawn(random, 6 * 40)];
  const wanted = inDoubles({ rows: 6, depth: 40, columns: 5, bias: false, rectified: false }, a, b.subarray(40));
  for (const backend of backends) {
    await useBackend(backend);
    const f = compile((x: Tensor, y: Tensor) => reshape(matmul(x, transpose(slice(y, [1, 0], [5, 40]))), [30]));
    const found = await f(fromHost(a.slice(), [3, 2, 40], "float32"), fromHost(b.slice(), [6, 40], "float32")).data();
    wanted.forEach((want, place) => expect(Math.abs(at(found, place) - want)).toBeLessThan(2 ** -17));
  }
});

test("NaN and infinity go where they belong, and the elements behind the depth nowhere", async () => {
  await useBackend(at(backends, 0));
  const depth = 35;
  const b = new Float32Array(3 * depth).fill(1);
  b[depth] = NaN;
  b[2 * depth + 34] = Infinity;
  const f = compile((x: Tensor, y: Tensor) => relu(matmul(x, y, { transposeB: true })));
  const x = fromHost(new Float32Array(depth).fill(1), [1, depth], "float32");
  expect([...(await f(x, fromHost(b, [3, depth], "float32")).data())]).toEqual([35, NaN, Infinity]);
});
