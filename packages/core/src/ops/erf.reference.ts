// erf, by the series 2 / sqrt(pi) exp(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...) (Abramowitz & Stegun 7.1.6), whose terms have one sign.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const erfReference: Reference = unary((x) => {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
});
