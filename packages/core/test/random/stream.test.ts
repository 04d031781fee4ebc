import { describe, expect, it } from "vitest";
import { AttributeError } from "../../src/errors.ts";
import { type RandomKey, streamKey } from "../../src/random/key.ts";
import {
  boundedInteger,
  fillBernoulli,
  fillBits,
  fillNormal,
  fillUniform,
  permutationOf,
} from "../../src/random/stream.ts";
import { fillTruncatedNormal } from "../../src/random/truncated-normal.ts";

const key = streamKey(1, "shuffle", 3);

type Numbers = Uint32Array | Float32Array;
type Fill = (key: RandomKey, offset: number, length: number) => Numbers;

function filler<Out extends Numbers>(
  make: (length: number) => Out,
  fill: (key: RandomKey, offset: number, out: Out) => void,
): Fill {
  return (of, offset, length) => {
    const out = make(length);
    fill(of, offset, out);
    return out;
  };
}

const floats = (length: number): Float32Array => new Float32Array(length);
const bits = filler((length) => new Uint32Array(length), fillBits);
const uniform = filler(floats, fillUniform);
const normal = filler(floats, fillNormal);
const fills = {
  bits,
  uniform,
  normal,
  bernoulli: filler(floats, (of, offset, out) => fillBernoulli(of, offset, out, 0.3)),
  truncatedNormal: filler(floats, (of, offset, out) => fillTruncatedNormal(of, offset, out, { low: -1, high: 2 })),
};

const average = (values: Numbers, of: (value: number) => number): number => {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum / values.length;
};
const mean = (values: Numbers): number => average(values, (value) => value);
const deviation = (values: Numbers): number => {
  const middle = mean(values);
  return Math.sqrt(average(values, (value) => (value - middle) ** 2));
};

describe.each(Object.entries(fills))("%s", (_, fill) => {
  it("gives the same numbers in any pieces", () => {
    const whole = fill(key, 0, 5000);
    const pieces = [0, 1, 2, 3, 5, 8, 13, 100, 1023, 1024, 1025, 2047, 4099, 5000];
    pieces.slice(1).forEach((end, index) => {
      const start = pieces[index] ?? 0;
      expect(fill(key, start, end - start)).toEqual(whole.slice(start, end));
    });
    for (let index = 0; index < 50; index++) expect(fill(key, index, 1)[0]).toBe(whole[index]);
  });

  it("does so across 2^32 blocks too, where the counter carries", () => {
    const start = 2 ** 34 - 6;
    const whole = fill(key, start, 12);
    for (let index = 0; index < 12; index++) expect(fill(key, start + index, 1)[0]).toBe(whole[index]);
    expect(whole).not.toEqual(fill(key, 2 ** 34 - 6 - 2 ** 32, 12));
  });

  it("differs by key", () => {
    expect(fill(key, 0, 64)).not.toEqual(fill(streamKey(1, "shuffle", 4), 0, 64));
  });

  it("refuses offsets that are not whole", () => {
    for (const offset of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => fill(key, offset, 1)).toThrow(AttributeError);
  });
});

describe("values", () => {
  // From a separate program in Python: words by big integers, normals by its own mathematics.
  const elements: readonly (readonly [index: number, word: number, uniform: number, normal: number])[] = [
    [0, 0xe6c88130, 0.901496946811676, -0.35662710666656494],
    [1, 0x9b58990c, 0.6068206429481506, -0.28322136402130127],
    [2, 0xe0502fc0, 0.8762235045433044, 0.1362805813550949],
    [5, 0x4b6afbfd, 0.2946011424064636, 1.3387962579727173],
    [1000003, 0xe10940c5, 0.8790473937988281, -1.371755838394165],
    [8589934593, 0x9f7e82a7, 0.6230241060256958, -0.6601736545562744],
    [1125899906842630, 0x7d7387f9, 0.4900440573692322, -0.8420008420944214],
  ];
  it.each(elements)("element %i", (index, word, u, z) => {
    expect(bits(key, index, 1)[0]).toBe(word);
    expect(uniform(key, index, 1)[0]).toBe(u);
    expect(normal(key, index, 1)[0]).toBeCloseTo(z, 6);
  });
});

describe("distributions", () => {
  const count = 1_000_000;

  it("uniform: in [0, 1), multiples of 2^-24, with the moments and the flatness of its law", () => {
    const values = uniform(key, 0, count);
    const cells = new Float64Array(64);
    for (const value of values) {
      if (!(value >= 0 && value < 1) || !Number.isInteger(value * 2 ** 24))
        throw new Error(`${value} is not a multiple of 2^-24 in [0, 1)`);
      const cell = Math.floor(value * 64);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    expect(mean(values)).toBeCloseTo(0.5, 2);
    const chiSquare = cells.reduce((sum, found) => sum + (found - count / 64) ** 2 / (count / 64), 0);
    expect(chiSquare).toBeLessThan(115); // 63 degrees of freedom: 1 in 20,000
    expect(chiSquare).toBeGreaterThan(27);
  });

  it("normal: moments, tails and independence of neighbours", () => {
    const values = normal(key, 0, count);
    expect(Math.abs(mean(values))).toBeLessThan(0.004);
    expect(Math.abs(deviation(values) - 1)).toBeLessThan(0.003);
    const share = (limit: number): number => average(values, (value) => (Math.abs(value) > limit ? 1 : 0));
    expect(share(1)).toBeCloseTo(0.3173, 2);
    expect(share(2)).toBeCloseTo(0.0455, 3);
    expect(share(3)).toBeCloseTo(0.0027, 3);
    let product = 0;
    for (let index = 0; index < count; index += 2) product += (values[index] ?? 0) * (values[index + 1] ?? 0);
    expect(Math.abs(product / (count / 2))).toBeLessThan(0.006);
  });

  it("bernoulli: is `uniform < probability`, element by element, also at the ends", () => {
    const u = uniform(key, 0, 4096);
    for (const probability of [0, 2 ** -24, 0.1, 0.5, u[7] ?? 0, 1 - 2 ** -24, 1]) {
      const out = new Uint8Array(4096);
      fillBernoulli(key, 0, out, probability);
      expect(out).toEqual(Uint8Array.from(u, (value) => (value < probability ? 1 : 0)));
    }
    for (const probability of [-0.1, 1.1, Number.NaN])
      expect(() => fillBernoulli(key, 0, new Uint8Array(1), probability)).toThrow(AttributeError);
  });

  // Means and standard deviations from SciPy 1.17 (scipy.stats.truncnorm).
  it.each([
    { low: -2, high: 2, expectedMean: 0, expectedDeviation: 0.87962566 },
    { low: -0.5, high: 1, expectedMean: 0.20663122, expectedDeviation: 0.41566003 },
    { low: 0, high: Infinity, expectedMean: 0.79788456, expectedDeviation: 0.60281027 },
    { low: 3, high: 3.5, expectedMean: 3.1855944, expectedDeviation: 0.13501378 },
    { low: 6, high: Infinity, expectedMean: 6.1584826, expectedDeviation: 0.15487943 },
    { low: -Infinity, high: -4, expectedMean: -4.2256071, expectedDeviation: 0.21603897 },
    { low: 0.1, high: 0.2, expectedMean: 0.14987504, expectedDeviation: 0.02886254 },
  ])("truncatedNormal: [$low, $high]", ({ low, high, expectedMean, expectedDeviation }) => {
    const values = new Float32Array(200_000);
    fillTruncatedNormal(key, 0, values, { low, high });
    for (const value of values)
      if (!(value >= Math.fround(low) && value <= Math.fround(high))) throw new Error(`${value} is outside`);
    expect(Math.abs(mean(values) - expectedMean)).toBeLessThan(0.01 * expectedDeviation);
    expect(Math.abs(deviation(values) / expectedDeviation - 1)).toBeLessThan(0.01);
  });

  it("truncatedNormal: scales with mean and standard deviation, and refuses what is no interval", () => {
    const values = new Float32Array(100_000);
    fillTruncatedNormal(key, 0, values, { mean: 10, standardDeviation: 0.5, low: 9, high: 11 });
    expect(mean(values)).toBeCloseTo(10, 2);
    expect(deviation(values)).toBeCloseTo(0.5 * 0.87962566, 2);
    fillTruncatedNormal(key, 0, values, { low: 0.25, high: 0.25 });
    expect(values.every((value) => value === 0.25)).toBe(true);
    for (const options of [
      { low: 1, high: 0 },
      { low: Number.NaN, high: 1 },
      { low: 0, high: 1, standardDeviation: 0 },
      { low: Infinity, high: Infinity },
    ])
      expect(() => fillTruncatedNormal(key, 0, values, options)).toThrow(AttributeError);
  });
});

describe("boundedInteger and permutationOf", () => {
  it("agree with a separate program", () => {
    expect([...permutationOf(key, 10)]).toEqual([3, 4, 2, 0, 5, 8, 6, 1, 7, 9]);
    expect([...permutationOf(streamKey(0), 5)]).toEqual([2, 0, 4, 3, 1]);
    const third = Array.from({ length: 8 }, (_, index) => boundedInteger(key, index, 3 * 2 ** 30));
    expect(third).toEqual([
      1405650863, 2893870408, 3125900863, 667751414, 1220594381, 948976893, 2833384575, 788734622,
    ]);
    expect(boundedInteger(key, 0, 2 ** 32)).toBe(0xe6c88130);
    expect(boundedInteger(key, 0, 1)).toBe(0);
  });

  it("hold every index once", () => {
    for (const length of [0, 1, 2, 3, 1000])
      expect([...permutationOf(key, length)].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length }, (_, index) => index),
      );
  });

  it("make every order of four equally often", () => {
    const found = new Map<string, number>();
    const runs = 48_000;
    for (let run = 0; run < runs; run++) {
      const order = permutationOf(streamKey(1, run), 4).join("");
      found.set(order, (found.get(order) ?? 0) + 1);
    }
    expect(found.size).toBe(24);
    const chiSquare = [...found.values()].reduce((sum, count) => sum + (count - runs / 24) ** 2 / (runs / 24), 0);
    expect(chiSquare).toBeLessThan(55); // 23 degrees of freedom: 1 in 5,000
  });

  it("refuse bounds and lengths out of range", () => {
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
      expect(() => boundedInteger(key, 0, bound)).toThrow(AttributeError);
    for (const length of [-1, 1.5, 2 ** 32, Number.NaN])
      expect(() => permutationOf(key, length)).toThrow(AttributeError);
  });
});
