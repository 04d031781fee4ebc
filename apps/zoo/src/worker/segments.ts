// Scores of every pixel -> the class of every pixel.
import type { Segments } from "../messages.ts";

/**
 * The class with the largest of its scores at each place, the first where several are as large.
 * @param scores [classes, height, width]
 */
export function argMax(scores: ArrayLike<number>, classes: number, places: number): Uint16Array<ArrayBuffer> {
  const labels = new Uint16Array(places);
  for (let place = 0; place < places; place++) {
    let [best, largest] = [0, -Infinity];
    for (let index = 0; index < classes; index++) {
      const score = scores[index * places + place] ?? -Infinity;
      if (score > largest) [best, largest] = [index, score];
    }
    labels[place] = best;
  }
  return labels;
}

/** The classes of a map and how many of its pixels have them, the most frequent first. */
export function countsOf(labels: Uint16Array): Segments["counts"] {
  const pixels = new Map<number, number>();
  for (const label of labels) pixels.set(label, (pixels.get(label) ?? 0) + 1);
  return [...pixels]
    .map(([index, count]) => ({ index, pixels: count }))
    .toSorted((a, b) => b.pixels - a.pixels || a.index - b.index);
}
