// Initialisers with a structure; tests/golden/init.json has PyTorch's figures.
import { at, conv, fromHost, streamKey, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, expect, test } from "vitest";
import { initialisers } from "../src/index.ts";

beforeAll(() => useBackend(reference()));

const key = streamKey(3, "weight");

test("orthogonal: rows are orthonormal, drawn from the cell's own stream", () => {
  const values = Array.from(initialisers.orthogonal(2)([3, 2, 2], key));
  const row = (index: number): number[] => values.slice(index * 4, index * 4 + 4);
  const product = (a: number, b: number): number =>
    row(a).reduce((sum, value, place) => sum + value * at(row(b), place), 0);
  for (const a of [0, 1, 2]) for (const b of [0, 1, 2]) expect(product(a, b)).toBeCloseTo(a === b ? 4 : 0, 6);
  expect(Array.from(initialisers.orthogonal(2)([3, 2, 2], key))).toEqual(values);
  expect(Array.from(initialisers.orthogonal(2)([3, 2, 2], streamKey(4, "weight")))).not.toEqual(values);
});

test("dirac: a padded convolution gives its input back", async () => {
  const weight = fromHost(initialisers.dirac()([2, 2, 3], key), [2, 2, 3], "float32");
  const x = tensor([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ]);
  expect(await conv(x, weight, { padding: 1 }).array()).toEqual(await x.array());
});

test("eye and sparse", () => {
  expect(Array.from(initialisers.eye([2, 3], key))).toEqual([1, 0, 0, 0, 1, 0]);
  const values = initialisers.sparse(0.5)([4, 3], key);
  for (const column of [0, 1, 2])
    expect(values.filter((value, index) => index % 3 === column && value === 0)).toHaveLength(2);
});

test("what has no such form is said", () => {
  expect(() => initialisers.orthogonal()([3], key)).toThrow("[3] has 1 axes");
  expect(() => initialisers.eye([2, 3, 4], key)).toThrow("use it for weights with 2");
  expect(() => initialisers.dirac()([2, 3], key)).toThrow("use it for weights with 3 to 5");
  expect(() => initialisers.dirac(2)([3, 3, 1], key)).toThrow("3 outputs do not divide into 2 groups");
  expect(() => initialisers.sparse(2)).toThrow("sparsity 2 is not from 0 to 1");
});
