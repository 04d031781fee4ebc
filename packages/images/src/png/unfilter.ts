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

/** Where a row is, and the distances to the bytes above (0 in the first row, which has nothing above) and left. */
interface Row {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly pixelBytes: number;
}

function undoLeft(rows: Uint8Array, { start, end, pixelBytes }: Row): void {
  for (let at = start + pixelBytes; at < end; at++) rows[at] = (rows[at] ?? 0) + (rows[at - pixelBytes] ?? 0);
}

function undoAbove(rows: Uint8Array, { start, end, line }: Row): void {
  if (line > 0) for (let at = start; at < end; at++) rows[at] = (rows[at] ?? 0) + (rows[at - line] ?? 0);
}

function undoMean(rows: Uint8Array, { start, end, line, pixelBytes }: Row): void {
  for (let at = start; at < end; at++) {
    const left = at >= start + pixelBytes ? (rows[at - pixelBytes] ?? 0) : 0;
    const above = line > 0 ? (rows[at - line] ?? 0) : 0;
    rows[at] = (rows[at] ?? 0) + ((left + above) >> 1);
  }
}

/** The first pixel's prediction is what is above it, and in the first row what is left. */
function undoPaeth(rows: Uint8Array, row: Row): void {
  const { start, end, line, pixelBytes } = row;
  if (line === 0) return undoLeft(rows, row);
  const second = start + pixelBytes;
  undoAbove(rows, { ...row, end: Math.min(second, end) });
  // Byte by byte of the pixels, so that what is left and in the corner is known from the pixel before.
  for (let first = start; first < second; first++) {
    let left = rows[first] ?? 0;
    let corner = rows[first - line] ?? 0;
    for (let at = first + pixelBytes; at < end; at += pixelBytes) {
      const above = rows[at - line] ?? 0;
      const fromLeft = above - corner; // of the estimate left + above - corner
      const fromAbove = left - corner;
      const toLeft = fromLeft < 0 ? -fromLeft : fromLeft;
      const toAbove = fromAbove < 0 ? -fromAbove : fromAbove;
      const toCorner = Math.abs(fromLeft + fromAbove);
      const nearest = toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
      left = ((rows[at] ?? 0) + nearest) & 255;
      rows[at] = left;
      corner = above;
    }
  }
}

/** By the number of the filter. */
const undoers: readonly ((rows: Uint8Array, row: Row) => void)[] = [
  () => undefined,
  undoLeft,
  undoAbove,
  undoMean,
  undoPaeth,
];

/** Undoes the filters of one pass, in place; `pixelBytes` is the distance to the byte left of it. @throws FormatError for a filter that PNG does not have */
export function unfilter(rows: Uint8Array, pass: Pass, pixelBytes: number, name: string): void {
  const line = 1 + pass.rowBytes;
  for (let row = 0; row < pass.height; row++) {
    const start = row * line + 1;
    const filter = rows[start - 1] ?? 0;
    const undo = undoers[filter];
    if (undo === undefined) throw broken(name, `row ${row} of the PNG file has filter ${filter}; there are 0 to 4`);
    undo(rows, { start, end: start + pass.rowBytes, line: row > 0 ? line : 0, pixelBytes });
  }
}
