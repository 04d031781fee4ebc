// Pictures of digits in a terminal: two rows of pixels in a line of text.

/** Columns and rows of a 28x28 image that are drawn: MNIST keeps digits inside a 20x20 box, moved to their centre of mass. */
const first = 3;
const last = 25;
const darkest = 96;
const halves = [" ", "▄", "▀", "█"] as const;

/** A 28x28 image of grey levels, as lines of text of equal width. */
export function drawDigit(pixels: Uint8Array): string[] {
  const inked = (row: number, column: number): boolean => (pixels[row * 28 + column] ?? 0) >= darkest;
  const lines: string[] = [];
  for (let row = first; row < last; row += 2) {
    let line = "";
    for (let column = first; column < last; column++)
      line += halves[(inked(row, column) ? 2 : 0) + (inked(row + 1, column) ? 1 : 0)] ?? " ";
    lines.push(line);
  }
  return lines;
}

/** Pictures with captions below them, side by side. */
export function sideBySide(
  pictures: readonly { readonly lines: readonly string[]; readonly caption: string }[],
): string[] {
  const width = Math.max(...pictures.flatMap(({ lines, caption }) => [...lines, caption]).map((text) => text.length));
  const height = Math.max(...pictures.map(({ lines }) => lines.length));
  const row = (part: (index: number) => string): string =>
    pictures
      .map((_, index) => part(index).padEnd(width))
      .join("   ")
      .trimEnd();
  return [
    ...Array.from({ length: height }, (_, line) => row((index) => pictures[index]?.lines[line] ?? "")),
    row((index) => pictures[index]?.caption ?? ""),
  ];
}
