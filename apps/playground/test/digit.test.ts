import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Stroke, centreOfMass, normaliseStrokes, side } from "../src/digit/normalise.ts";
import { perMille } from "../src/digit/percent.ts";

/** The box around the ink that is darker than a tenth. */
function inkBox(pixels: Uint8Array): { width: number; height: number } {
  const places = [...pixels.entries()].filter(([, ink]) => ink > 25).map(([place]) => place);
  const [columns, rows] = [places.map((place) => place % side), places.map((place) => Math.floor(place / side))];
  return {
    width: Math.max(...columns) - Math.min(...columns) + 1,
    height: Math.max(...rows) - Math.min(...rows) + 1,
  };
}

function drawn(strokes: readonly Stroke[], padWidth?: number): Uint8Array {
  const pixels = normaliseStrokes(strokes, padWidth);
  if (pixels === undefined) throw new Error("nothing was drawn");
  return pixels;
}

const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.record({ x: coordinate, y: coordinate });
const anyStrokes = fc.array(fc.array(point, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 });

describe("a drawn digit", () => {
  test("fills MNIST's box of 20x20 by its longer side", () => {
    const one = inkBox(
      drawn([
        [
          { x: 0.5, y: 0.1 },
          { x: 0.5, y: 0.3 },
        ],
      ]),
    );
    expect(one.height).toBeGreaterThanOrEqual(19);
    expect(one.height).toBeLessThanOrEqual(20);
    expect(one.width).toBeLessThanOrEqual(5);
    const wide = inkBox(
      drawn([
        [
          { x: 0, y: 0 },
          { x: 1, y: 0.5 },
        ],
      ]),
    );
    expect(wide.width).toBeGreaterThanOrEqual(19);
    expect(wide.height).toBeLessThan(13);
  });

  test("of one stroke and a dot is balanced around the middle, though its box is not", () => {
    // An L: most of the ink is left and below.
    const pixels = drawn([
      [
        { x: 0.2, y: 0.1 },
        { x: 0.2, y: 0.9 },
        { x: 0.7, y: 0.9 },
      ],
    ]);
    const { x, y } = centreOfMass(pixels);
    expect(x).toBeCloseTo(14, 0);
    expect(y).toBeCloseTo(14, 0);
    // The column of most ink is left of the middle.
    const columns = Array.from({ length: side }, (_, column) =>
      Array.from({ length: side }, (_row, row) => pixels[row * side + column] ?? 0).reduce((a, b) => a + b, 0),
    );
    expect(columns.indexOf(Math.max(...columns))).toBeLessThan(12);
  });

  test("looks the same wherever on the pad, and however large, it was drawn", () => {
    const seven = (left: number, top: number, size: number): Stroke[] => [
      [
        { x: left, y: top },
        { x: left + size * 0.6, y: top },
        { x: left + size * 0.2, y: top + size },
      ],
    ];
    expect(drawn(seven(0.05, 0.02, 0.25))).toEqual(drawn(seven(0.3, 0.1, 0.5)).map((ink) => ink));
    expect(drawn(seven(5, 2, 25), 100)).toEqual(drawn(seven(0.05, 0.02, 0.25)));
  });

  test("that is a dot stays a dot", () => {
    const { width, height } = inkBox(drawn([[{ x: 0.9, y: 0.9 }]]));
    expect([width, height]).toEqual([4, 4]);
    expect(centreOfMass(drawn([[{ x: 0.9, y: 0.9 }]]))).toEqual({ x: 14, y: 14 });
  });

  test("that is none has no image", () => {
    expect(normaliseStrokes([])).toBeUndefined();
    expect(normaliseStrokes([[]])).toBeUndefined();
  });

  test("is never cut, and its mass is within a pixel of the middle unless that would cut it", () => {
    fc.assert(
      fc.property(anyStrokes, (strokes) => {
        const pixels = drawn(strokes);
        const border = [...pixels.entries()].filter(
          ([place]) => place < side || place >= side * (side - 1) || place % side === 0 || place % side === side - 1,
        );
        expect(Math.max(...border.map(([, ink]) => ink))).toBeLessThan(128);
        const { width, height } = inkBox(pixels);
        expect(Math.max(width, height)).toBeLessThanOrEqual(21);
        const { x, y } = centreOfMass(pixels);
        expect(Math.hypot(x - 14, y - 14)).toBeLessThan(2.5);
      }),
      { seed: 1 },
    );
  });
});

describe("percentages", () => {
  test("go by largest remainders", () => {
    expect(perMille([1, 1, 1])).toEqual([334, 333, 333]);
    expect(perMille([0.9996, 0.0004])).toEqual([1000, 0]);
    expect(perMille([0, 2, 0])).toEqual([0, 1000, 0]);
  });

  test("of no shares, of NaN and of infinity are 0", () => {
    expect(perMille([0, 0])).toEqual([0, 0]);
    expect(perMille([Number.NaN, 1])).toEqual([0, 0]);
    expect(perMille([Infinity, 1])).toEqual([0, 0]);
  });

  test("always add up to 100", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 10 }), (shares) => {
        fc.pre(shares.some((value) => value > 1e-6));
        const result = perMille(shares);
        expect(result.reduce((a, b) => a + b, 0)).toBe(1000);
        const total = shares.reduce((a, b) => a + b, 0);
        for (const [index, value] of result.entries())
          expect(Math.abs(value - (1000 * (shares[index] ?? 0)) / total)).toBeLessThan(1 + 1e-9);
      }),
      { seed: 1 },
    );
  });
});
