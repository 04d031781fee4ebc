// Scores of segmented cells: worked by hand, and what must hold of any segmentation.
import { AttributeError } from "@stria/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestCellScores, cellScores, labelCells, thinMembranes } from "@stria/training";

/** Rows of a drawing: `#` is membrane. */
const drawn = (...rows: readonly string[]) => ({
  pixels: rows.flatMap((row) => Array.from(row, (character) => (character === "#" ? 0 : 1))),
  size: { height: rows.length, width: rows[0]?.length ?? 0 },
});

const rows = (pixels: ArrayLike<number>, width: number): string[] =>
  Array.from({ length: pixels.length / width }, (_, row) =>
    Array.from({ length: width }, (__, column) => (pixels[row * width + column] === 0 ? "#" : ".")).join(""),
  );

const images = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([height, width]) =>
    fc.tuple(
      fc.constant({ height, width }),
      fc.array(fc.integer({ min: 0, max: 1 }), { minLength: height * width, maxLength: height * width }),
    ),
  );

describe("labelCells", () => {
  it("numbers cells in the order of their first pixels; corners do not touch", () => {
    const { pixels, size } = drawn("..#.", "##..", ".#.#", "..#.");
    expect([...labelCells(pixels, size)]).toEqual([1, 1, 0, 2, 0, 0, 2, 2, 3, 0, 2, 0, 3, 3, 0, 4]);
  });

  it("refuses pixels that are not as many", () => {
    expect(() => labelCells([1, 1], { height: 1, width: 3 })).toThrow(AttributeError);
    expect(() => labelCells([1, 1], { height: 1, width: 3 })).toThrow("2 pixels are not those of 1x3");
  });
});

describe("cellScores", () => {
  it("of a merged pair of equal cells: one of two pairs is right", () => {
    // By hand: p = 1/2, 1/2 in one row, s = 1, t = 1/2, 1/2.
    const scores = cellScores([1, 1, 1, 1], [1, 1, 2, 2]);
    expect(scores.split).toBe(1);
    expect(scores.merge).toBe(0.5);
    expect(scores.rand).toBeCloseTo(2 / 3, 12);
    expect(scores.informationMerge).toBe(0);
    expect(scores.randIndex).toBeCloseTo(1 / 3, 12);
    expect(scores.adjustedRand).toBe(0);
  });

  it("are 1 for the truth, however it is numbered; splitting lowers split, merging lowers merge", () => {
    const truth = [0, 1, 1, 2, 2, 2, 0, 3];
    for (const score of Object.values(cellScores([9, 5, 5, 8, 8, 8, 9, 4], truth))) expect(score).toBeCloseTo(1, 12);
    const halves = cellScores([0, 1, 1, 2, 3, 3, 0, 4], truth);
    expect(halves.split).toBeLessThan(1);
    expect(halves.merge).toBe(1);
    expect(cellScores([0, 1, 1, 1, 1, 1, 0, 3], truth).merge).toBeLessThan(1);
  });

  it("refuse labels of two images, and an image without cells", () => {
    expect(() => cellScores([1], [1, 2])).toThrow("1 predicted labels and 2 true ones are not of one image");
    expect(() => cellScores([1, 1], [0, 0])).toThrow("no pixel is in a true cell");
  });
});

describe("thinMembranes", () => {
  it("leaves lines one pixel wide in the middle", () => {
    const { pixels, size } = drawn("..###..", "..###..", "#######", "#######", "#######", "..###..", "..###..");
    expect(rows(thinMembranes(pixels, size), 7)).toEqual([
      "...#...",
      "...#...",
      "...#...",
      "#######",
      "...#...",
      "...#...",
      "...#...",
    ]);
  });

  it("merges no cells and makes none", () => {
    fc.assert(
      fc.property(images, ([size, pixels]) => {
        const thin = thinMembranes(pixels, size);
        const [before, after] = [labelCells(pixels, size), labelCells(thin, size)];
        const numbers = new Map<number, number>();
        for (const [place, cell] of before.entries()) {
          if (cell === 0) continue;
          expect(after[place]).toBeGreaterThan(0); // cells only grow
          expect(numbers.get(cell) ?? after[place]).toBe(after[place]);
          numbers.set(cell, after[place] ?? 0);
        }
        expect(new Set(numbers.values()).size).toBe(numbers.size);
        expect(Math.max(0, ...after)).toBe(numbers.size);
        expect([...thinMembranes(thin, size)]).toEqual([...thin]);
      }),
    );
  });
});

it("bestCellScores finds the threshold that divides the cells, however thick the membranes", () => {
  const { pixels, size } = drawn("...##...", "...##...", "...##...");
  const truth = labelCells(drawn("...#....", "...#....", "...#....").pixels, size);
  const probabilities = pixels.map((cell) => (cell === 1 ? 0.9 : 0.45));
  const { threshold, split, merge } = bestCellScores(probabilities, truth, size);
  expect(threshold).toBe(0.5);
  expect(merge).toBe(1);
  expect(split).toBeGreaterThan(0.7);
});
