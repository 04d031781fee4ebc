// A table in Markdown.

/** Its lines; empty cells are one space wide. */
export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...lines.map(line)];
}
