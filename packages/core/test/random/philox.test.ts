import { describe, expect, it } from "vitest";
import { multiplyHigh, philox4x32 } from "../../src/random/philox.ts";

function block(counter: readonly [number, number, number, number], key: readonly [number, number]): number[] {
  const out = new Uint32Array(4);
  philox4x32(...counter, ...key, out, 0);
  return [...out];
}

const mask = 0xffffffffn;

/** The paper's formulas on big integers. */
function philoxOfBigInts(counter: readonly number[], key: readonly number[]): number[] {
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = counter.map(BigInt);
  let [k0 = 0n, k1 = 0n] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(product1 >> 32n) ^ c1 ^ k0, product1 & mask, (product0 >> 32n) ^ c3 ^ k1, product0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

const corners = [
  0, 1, 2, 3, 0xffff, 0x10000, 0x10001, 0x7fffffff, 0x80000000, 0x80000001, 0xd2511f53, 0xcd9e8d57, 0xfffffffe,
  0xffffffff,
];

describe("multiplyHigh", () => {
  it("is the upper half of the exact 64-bit product", () => {
    for (const a of corners)
      for (const b of corners) expect(multiplyHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
  });
});

describe("philox4x32", () => {
  // kat_vectors of the Random123 distribution, philox4x32 10 rounds.
  it("gives the published known answers", () => {
    expect(block([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it("agrees with the formulas on big integers", () => {
    for (let index = 0; index < 500; index++) {
      const [a = 0, b = 0, c = 0, d = 0] = block([index, 0, 0, 0], [1, 2]);
      const [e = 0, f = 0] = block([index, 1, 0, 0], [1, 2]);
      expect(block([a, b, c, d], [e, f])).toEqual(philoxOfBigInts([a, b, c, d], [e, f]));
    }
  });

  it("takes words modulo 2^32 and writes only its four", () => {
    const out = new Uint32Array(8).fill(9);
    philox4x32(2 ** 32 + 5, 0, 0, 0, 0, 0, out, 2);
    expect([...out]).toEqual([9, 9, ...block([5, 0, 0, 0], [0, 0]), 9, 9]);
  });
});
