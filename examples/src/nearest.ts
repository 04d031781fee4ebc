// Which of many vectors point most nearly the same way.

/** The numbers of the `count` rows of `table` (rows of `width`) with the largest cosine to `asked`, largest first. */
export function nearestRows(table: Float32Array, width: number, asked: Float32Array, count: number): number[] {
  const rows = Array.from({ length: table.length / width }, (_, row) => table.subarray(row * width, (row + 1) * width));
  const cosines = rows.map(
    (row) => row.reduce((sum, value, i) => sum + value * (asked[i] ?? 0), 0) / Math.hypot(...row),
  );
  return [...cosines.keys()].toSorted((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0)).slice(0, count);
}
