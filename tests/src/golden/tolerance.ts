// When a tensor agrees with its golden: |found - golden| <= atol * max(1, m) + rtol * |golden|, m the largest finite |golden| of the tensor.

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** The element that is worst off. */
export interface Deviation {
  readonly index: number;
  readonly found: number;
  readonly golden: number;
  /** Error in units of what is allowed: above 1 is wrong. Infinity for nan, inf and integers. */
  readonly ratio: number;
}

const agreement: Deviation = { index: -1, found: 0, golden: 0, ratio: 0 };

function equalOrBothNaN(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** The worst deviation of `found` from `golden`. NaN agrees with NaN only, infinities with themselves. */
export function worstDeviation(
  found: ArrayLike<number>,
  golden: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): Deviation {
  let largest = 1;
  for (const value of Array.from(golden)) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  let worst = agreement;
  for (let index = 0; index < golden.length; index++) {
    const [a, b] = [found[index] ?? Number.NaN, golden[index] ?? Number.NaN];
    if (equalOrBothNaN(a, b)) continue;
    const error = Math.abs(a - b);
    const allowed = atol * largest + rtol * Math.abs(b);
    const ratio = Number.isFinite(error) ? error / allowed : Infinity;
    if (ratio > worst.ratio) worst = { index, found: a, golden: b, ratio };
  }
  return worst;
}

/** The first element that is not equal, for integers and booleans. */
export function worstInequality(found: ArrayLike<number>, golden: ArrayLike<number>): Deviation {
  for (let index = 0; index < golden.length; index++) {
    const [a, b] = [found[index] ?? Number.NaN, golden[index] ?? Number.NaN];
    if (!equalOrBothNaN(a, b)) return { index, found: a, golden: b, ratio: Infinity };
  }
  return agreement;
}

export function describeDeviation(name: string, { index, found, golden, ratio }: Deviation): string {
  const times = Number.isFinite(ratio) ? `, ${ratio.toPrecision(3)} times what is allowed` : "";
  return `${name}[${index}] is ${found}, golden ${golden}: off by ${Math.abs(found - golden).toPrecision(3)}${times}`;
}
