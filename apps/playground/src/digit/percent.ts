// Shares as percentages that add up to exactly 100.

/** Shares (of any sum) in tenths of a percent, 1000 in all: each rounded down, and what is left goes to the largest remainders. */
export function perMille(shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (!(total > 0 && total < Infinity)) return shares.map(() => 0);
  const exact = shares.map((share) => (1000 * share) / total);
  const rounded = exact.map(Math.floor);
  let left = 1000 - rounded.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .toSorted((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder) {
    if (left-- <= 0) break;
    rounded[index] = (rounded[index] ?? 0) + 1;
  }
  return rounded;
}
