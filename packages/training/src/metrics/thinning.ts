// Membranes thinned to lines, so that how thick they are drawn counts nowhere: before the scores of the ISBI challenge.
import { type CellScores, type ImageSize, cellScores, labelCells } from "./cells.ts";

/** Neighbours of a pixel in turn, from the right counterclockwise: rows and columns from it. */
const around = [
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
] as const;

/** Whether a membrane pixel with these membrane neighbours (bit k: neighbour k) can go without changing what is connected: Yokoi's number is 1, and it ends no line. */
const removable: readonly boolean[] = Array.from({ length: 256 }, (_, neighbours) => {
  const cell = (k: number): number => 1 - ((neighbours >> (k % 8)) & 1);
  const yokoi = [0, 2, 4, 6].reduce((sum, k) => sum + cell(k) - cell(k) * cell(k + 1) * cell(k + 2), 0);
  const count = around.reduce((sum, __, k) => sum + 1 - cell(k), 0);
  return yokoi === 1 && count > 1;
});

/**
 * Cells (above 0) grown until the membranes between them are lines one pixel wide. No two cells merge and none appears.
 * @returns 1 for cells, 0 for membranes
 * @throws AttributeError when the pixels are not as many as the size says
 */
export function thinMembranes(pixels: ArrayLike<number>, size: ImageSize): Uint8Array {
  const { height, width } = size;
  const across = width + 2; // a border of membrane that stays, so that no neighbour is missing
  const membrane = new Uint8Array((height + 2) * across).fill(1);
  const places: number[] = [];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const place = (row + 1) * across + column + 1;
      if ((pixels[row * width + column] ?? 0) > 0) membrane[place] = 0;
      else places.push(place);
    }
  const steps = around.map(([row, column]) => row * across + column);
  const neighboursOf = (place: number): number =>
    steps.reduce((bits, step, k) => bits | ((membrane[place + step] ?? 1) << k), 0);
  let left = places;
  for (let before = Infinity; left.length < before;) {
    before = left.length;
    // From each side in turn, so that lines end up in the middle.
    for (const side of [2, 6, 4, 0]) {
      const edge = new Set(left.filter((place) => membrane[place + (steps[side] ?? 0)] === 0));
      left = left.filter((place) => {
        if (!edge.has(place) || removable[neighboursOf(place)] !== true) return true;
        membrane[place] = 0;
        return false;
      });
    }
  }
  return Uint8Array.from(
    { length: height * width },
    (_, index) => 1 - (membrane[(Math.floor(index / width) + 1) * across + (index % width) + 1] ?? 1),
  );
}

/** The scores at the threshold that has the best Rand score. */
export interface BestScores extends CellScores {
  readonly threshold: number;
}

/**
 * The best scores over thresholds of the probability of being in a cell: above it a cell; membranes are thinned, then cells numbered. As the challenge has it, 0, 0.1, ..., 1.
 * @param truth true cell numbers, see `labelCells`
 * @throws AttributeError when pixels and size do not agree, or no pixel is in a true cell
 */
export function bestCellScores(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  size: ImageSize,
  thresholds: readonly number[] = Array.from({ length: 11 }, (_, tenth) => tenth / 10),
): BestScores {
  const scores = thresholds.map((threshold): BestScores => {
    const cells = Uint8Array.from(probabilities, (probability) => (probability > threshold ? 1 : 0));
    return { threshold, ...cellScores(labelCells(thinMembranes(cells, size), size), truth) };
  });
  return scores.reduce((best, one) => (one.rand > best.rand ? one : best));
}
