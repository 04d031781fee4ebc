// Shares of a whole as they are written.

/**
 * Tenths of a percent that add up to 1000: what rounding down loses goes to those that lost most.
 * @param counts parts, at least one of them above 0
 */
export function tenthsOf(counts: readonly number[]): number[] {
  const whole = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (1000 * count) / whole);
  const tenths = exact.map(Math.floor);
  const lost = 1000 - tenths.reduce((sum, value) => sum + value, 0);
  const order = exact
    .map((value, index) => ({ index, loss: value - Math.floor(value) }))
    .toSorted((a, b) => b.loss - a.loss || a.index - b.index);
  for (const { index } of order.slice(0, lost)) tenths[index] = (tenths[index] ?? 0) + 1;
  return tenths;
}

export const percentOf = (tenths: number): string => `${(tenths / 10).toFixed(1)} %`;
