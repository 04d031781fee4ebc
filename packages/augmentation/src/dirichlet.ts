// Shares that sum to 1, at random.
import type { ItemRandom } from "@stria/data";

/** A number of the gamma distribution with scale 1 (Marsaglia & Tsang 2000). */
function gammaNumber(random: ItemRandom, shape: number): number {
  if (shape < 1) return gammaNumber(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    const u = 1 - random.uniform();
    if (v > 0 && Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Shares that sum to 1, of the symmetric Dirichlet distribution. */
export function dirichletShares(random: ItemRandom, count: number, alpha: number): number[] {
  const drawn = Array.from({ length: count }, () => gammaNumber(random, alpha));
  const sum = drawn.reduce((total, one) => total + one, 0);
  return sum > 0 ? drawn.map((one) => one / sum) : drawn.map((_, i) => (i === 0 ? 1 : 0));
}
