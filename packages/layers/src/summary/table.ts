// Columns of text for a terminal.

/** Rows of cells, aligned: columns named in `right` end in one line, the others begin in one. */
export function alignedTable(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** 1234567 as 1,234,567. */
export function withCommas(count: number): string {
  return count.toLocaleString("en-US");
}

/** 1234567 as 1.23 M. */
export function shortCount(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))}${units[unit] ?? ""}`;
}

/** 1234567 bytes as 1.23 MB. */
export function shortBytes(bytes: number): string {
  const text = shortCount(bytes);
  return text.includes(" ") ? `${text}B` : `${text} B`;
}
