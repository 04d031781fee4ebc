// Scores of segmentations of cells divided by membranes, as the ISBI challenge has them: Arganda-Carreras et al., "Crowdsourcing the creation of image segmentation algorithms for
// connectomics" (2015).
import { AttributeError } from "@stria/core";

/** Height and width of an image in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

function checkSize(name: string, pixels: ArrayLike<number>, { height, width }: ImageSize): void {
  if (!(Number.isSafeInteger(height) && Number.isSafeInteger(width) && height > 0 && pixels.length === height * width))
    throw new AttributeError(
      name,
      `${pixels.length} pixels are not those of ${height}x${width}`,
      "pass height and width of the image",
    );
}

/**
 * Numbers the cells: pixels above 0 that touch along their sides are one cell. Cells count from 1 in the order of their first pixels, membranes are 0.
 * @throws AttributeError when the pixels are not as many as the size says
 */
export function labelCells(pixels: ArrayLike<number>, size: ImageSize): Int32Array {
  checkSize("labelCells", pixels, size);
  const { width } = size;
  const labels = new Int32Array(pixels.length);
  const reached: number[] = [];
  let cells = 0;
  const reach = (place: number): void => {
    if ((pixels[place] ?? 0) > 0 && labels[place] === 0) {
      labels[place] = cells;
      reached.push(place);
    }
  };
  for (let start = 0; start < labels.length; start++) {
    if (!((pixels[start] ?? 0) > 0) || labels[start] !== 0) continue;
    cells++;
    reach(start);
    for (let place = reached.pop(); place !== undefined; place = reached.pop()) {
      const column = place % width;
      if (column > 0) reach(place - 1);
      if (column < width - 1) reach(place + 1);
      reach(place - width);
      reach(place + width);
    }
  }
  return labels;
}

/** Agreement of two segmentations. Each is from 0 to 1, but for `adjustedRand`, which is 0 for what chance gives. */
export interface CellScores {
  /** High where true cells are not split. */
  readonly split: number;
  /** High where true cells are not merged. */
  readonly merge: number;
  /** The foreground-restricted Rand score: the harmonic mean of `split` and `merge`. */
  readonly rand: number;
  readonly informationSplit: number;
  readonly informationMerge: number;
  /** The foreground-restricted information theoretic score. */
  readonly information: number;
  /** The share of pairs of pixels that both put together or both put apart. */
  readonly randIndex: number;
  /** The same, corrected for chance: Hubert & Arabie (1985). */
  readonly adjustedRand: number;
}

const sumOf = (counts: Iterable<number>, f: (count: number) => number): number => {
  let sum = 0;
  for (const count of counts) sum += f(count);
  return sum;
};

/** a / b, and 1 where both are 0: nothing to tell apart. */
const share = (a: number, b: number): number => (b === 0 ? 1 : a / b);

/**
 * Scores of predicted cell numbers against true ones (`labelCells`), over the pixels of true cells alone. Predicted membranes are a cluster of their own there.
 * @throws AttributeError when they are not as many, or no pixel is in a true cell
 */
export function cellScores(predicted: ArrayLike<number>, truth: ArrayLike<number>): CellScores {
  if (predicted.length !== truth.length)
    throw new AttributeError(
      "cellScores",
      `${predicted.length} predicted labels and ${truth.length} true ones are not of one image`,
      "pass as many",
    );
  const pairs = new Map<string, number>();
  const [found, real] = [new Map<number, number>(), new Map<number, number>()];
  let count = 0;
  const one = <Key>(counts: Map<Key, number>, key: Key): Map<Key, number> =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let place = 0; place < truth.length; place++) {
    const [label = 0, cell = 0] = [predicted[place], truth[place]];
    if (!(cell > 0)) continue;
    one(pairs, `${label} ${cell}`);
    one(found, label);
    one(real, cell);
    count++;
  }
  if (count === 0) throw new AttributeError("cellScores", "no pixel is in a true cell", "pass numbered cells");
  const squares = (counts: Map<unknown, number>): number => sumOf(counts.values(), (n) => (n / count) ** 2);
  const entropy = (counts: Map<unknown, number>): number =>
    -sumOf(counts.values(), (n) => (n / count) * Math.log(n / count));
  const [both, ofFound, ofReal] = [squares(pairs), squares(found), squares(real)];
  const [entropyFound, entropyReal] = [entropy(found), entropy(real)];
  const mutual = entropyFound + entropyReal - entropy(pairs);
  const pairsIn = (counts: Map<unknown, number>): number => sumOf(counts.values(), (n) => (n * (n - 1)) / 2);
  const all = (count * (count - 1)) / 2;
  const [together, inFound, inReal] = [pairsIn(pairs), pairsIn(found), pairsIn(real)];
  const expected = all === 0 ? 0 : (inFound * inReal) / all;
  return {
    split: both / ofReal,
    merge: both / ofFound,
    rand: (2 * both) / (ofFound + ofReal),
    informationSplit: share(mutual, entropyFound),
    informationMerge: share(mutual, entropyReal),
    information: share(2 * mutual, entropyFound + entropyReal),
    randIndex: share(all + 2 * together - inFound - inReal, all),
    adjustedRand: share(together - expected, (inFound + inReal) / 2 - expected),
  };
}
