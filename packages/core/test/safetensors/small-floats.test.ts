import { describe, expect, it } from "vitest";
import { float16FromBits, float16ToBits } from "../../src/tensor/float16.ts";
import { bfloat16FromBits, bfloat16ToBits, float8FromBits } from "../../src/safetensors/small-floats.ts";

/** The pattern whose value is nearest to `value`, an even one on a tie, by trying all that are not negative. */
function nearest(value: number, fromBits: (pattern: number) => number, infinity: number, beyond: number): number {
  let best = 0;
  for (let pattern = 1; pattern <= infinity; pattern++) {
    const distance = Math.abs((pattern === infinity ? beyond : fromBits(pattern)) - value);
    const known = Math.abs(fromBits(best) - value);
    if (distance < known || (distance === known && pattern % 2 === 0)) best = pattern;
  }
  return best;
}

describe("float16", () => {
  // IEEE 754-2008, binary16.
  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xc000, -2],
    [0xfc00, -Infinity],
  ])("%i is %d", (pattern, value) => {
    expect(float16FromBits(pattern)).toBe(value);
    expect(float16ToBits(value)).toBe(pattern);
  });

  it("goes there and back for every number, and keeps NaN and the sign of zero", () => {
    const patterns = Array.from({ length: 0x10000 }, (_, pattern) => pattern);
    const isNaNPattern = (pattern: number): boolean => (pattern & 0x7fff) > 0x7c00;
    expect(patterns.filter((pattern) => Number.isNaN(float16FromBits(pattern)))).toEqual(patterns.filter(isNaNPattern));
    const back = patterns.map((pattern) => float16ToBits(float16FromBits(pattern)));
    expect(patterns.filter((pattern) => back[pattern] !== pattern && !isNaNPattern(back[pattern] ?? 0))).toEqual([]);
    expect(float16ToBits(-0)).toBe(0x8000);
    expect(float16FromBits(0x8000)).toBe(-0);
  });

  it("rounds to the nearest, ties to even", () => {
    const halfway = [0x0000, 0x0001, 0x0002, 0x03fe, 0x03ff, 0x0400, 0x3c00, 0x3c01, 0x7bfe];
    for (const pattern of halfway) {
      const middle = (float16FromBits(pattern) + float16FromBits(pattern + 1)) / 2;
      for (const value of [middle, middle * (1 + 2 ** -20), middle * (1 - 2 ** -20)])
        expect(float16ToBits(value)).toBe(nearest(value, float16FromBits, 0x7c00, 65536));
    }
    expect(float16ToBits(65519)).toBe(0x7bff);
    expect(float16ToBits(65520)).toBe(0x7c00);
    expect(float16ToBits(1e-30)).toBe(0);
  });
});

describe("bfloat16", () => {
  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -133],
    [0x3f80, 1],
    [0x3fc0, 1.5],
    [0xc2f7, -123.5],
    [0x7f7f, 255 * 2 ** 120],
    [0xff80, -Infinity],
  ])("%i is %d", (pattern, value) => {
    expect(bfloat16FromBits(pattern)).toBe(value);
    expect(bfloat16ToBits(value)).toBe(pattern);
  });

  it("rounds to the nearest, ties to even, and keeps NaN", () => {
    expect(bfloat16ToBits(1 + 2 ** -8)).toBe(0x3f80);
    expect(bfloat16ToBits(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(bfloat16ToBits(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(bfloat16ToBits(3.4028234e38)).toBe(0x7f80);
    expect(bfloat16FromBits(bfloat16ToBits(Number.NaN))).toBeNaN();
  });
});

describe("float8 E4M3", () => {
  // OCP 8-bit floating point specification, revision 1.0, table 2.
  it.each([
    [0x00, 0],
    [0x01, 2 ** -9],
    [0x07, 7 * 2 ** -9],
    [0x08, 2 ** -6],
    [0x7e, 448],
    [0x7f, Number.NaN],
    [0xb8, -1],
  ])("%i is %d", (pattern, value) => {
    expect(float8FromBits(pattern)).toBe(value);
  });
});
