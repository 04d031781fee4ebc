// Figures of a row by name, the median of the clock's times among them.
import type { Row } from "../row.ts";

export function valueOf(row: Row | undefined, figure: string): number | undefined {
  return figure === "median ms" ? row?.median : row?.figures[figure];
}

const quartiles: Readonly<Record<string, readonly [lower: string, upper: string]>> = {
  "median ms": ["lower quartile ms", "upper quartile ms"],
  "processor ms": ["processor lower quartile ms", "processor upper quartile ms"],
  "% of peak": ["% of peak, lower quartile", "% of peak, upper quartile"],
};

/** What half of all measurements lie between, of figures that are medians of some. */
export function spreadOf(row: Row | undefined, figure: string): [lower: number, upper: number] | undefined {
  const [lower, upper] = quartiles[figure]?.map((name) => row?.figures[name]) ?? [];
  return lower === undefined || upper === undefined ? undefined : [lower, upper];
}
