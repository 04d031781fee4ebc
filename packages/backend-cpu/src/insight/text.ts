// Tables and numbers for a terminal.

/** Rows of cells in columns; the columns numbered in `right` end in one line. */
export function table(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** 1234567 as "1.23 M". */
export function short(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit] ?? ""}`;
}

export function shortBytes(bytes: number): string {
  const text = short(bytes);
  return text.includes(" ") ? `${text}B` : `${text} B`;
}

/** Ops of a unit, as many as there is room for. */
export function shortOps(ops: readonly string[]): string {
  const text = ops.slice(0, 4).join(", ");
  return ops.length > 4 ? `${text} and ${ops.length - 4} more` : text;
}
