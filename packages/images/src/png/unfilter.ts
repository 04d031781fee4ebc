// PNG's row filters undone (section 9), and the passes of Adam7 (section 8).
import { broken } from "../broken.ts";
import type { PngHeader } from "./read-chunks.ts";

/** One image inside an interlaced file; the only one of the others. */
export interface Pass {
  readonly width: number;
  readonly height: number;
  /** Where its pixels go: first column and row, and the steps between them. */
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  /** Bytes of a row, without the byte that names its filter. */
  readonly rowBytes: number;
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The passes of a file that have pixels. */
export function passesOf({ width, height, bits, samples, interlaced }: PngHeader): Pass[] {
  const patterns = interlaced ? adam7 : ([[0, 0, 1, 1]] as const);
  return patterns
    .map(([x, y, stepX, stepY]) => {
      const columns = Math.ceil((width - x) / stepX);
      const rowBytes = Math.ceil((columns * bits * samples) / 8);
      return { width: columns, height: Math.ceil((height - y) / stepY), x, y, stepX, stepY, rowBytes };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Bytes of all rows of the passes, with their filters' names. */
export function sizeOfPasses(passes: readonly Pass[]): number {
  return passes.reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0);
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - above),
    Math.abs(estimate - corner),
  ];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** The prediction of a byte from those left of it, above it, and left above. */
export const predictions: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** Undoes the filters of one pass, in place; `pixelBytes` is the distance to the byte left of it. @throws FormatError for a filter that PNG does not have */
export function unfilter(rows: Uint8Array, pass: Pass, pixelBytes: number, name: string): void {
  const line = 1 + pass.rowBytes;
  for (let row = 0; row < pass.height; row++) {
    const start = row * line + 1;
    const filter = rows[start - 1] ?? 0;
    if (filter === 0) continue;
    const predict = predictions[filter];
    if (predict === undefined) throw broken(name, `row ${row} of the PNG file has filter ${filter}; there are 0 to 4`);
    for (let at = start; at < start + pass.rowBytes; at++) {
      const hasLeft = at >= start + pixelBytes;
      const left = hasLeft ? (rows[at - pixelBytes] ?? 0) : 0;
      const above = row > 0 ? (rows[at - line] ?? 0) : 0;
      const corner = hasLeft && row > 0 ? (rows[at - line - pixelBytes] ?? 0) : 0;
      rows[at] = (rows[at] ?? 0) + predict(left, above, corner);
    }
  }
}
