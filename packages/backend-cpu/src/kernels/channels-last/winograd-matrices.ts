// The matrices of Winograd's minimal filtering, by the construction of Cook and Toom: polynomials are multiplied by their values at some points.
// F(m, r) gives m outputs of a filter with r taps for m + r - 1 products: y = output ((kernel g) * (input d)).
import { at } from "@stria/core";

/** Row by row. */
export type Matrix = readonly (readonly number[])[];

export interface WinogradMatrices {
  /** Outputs of a tile, along one axis; taps of the filter; products. */
  readonly outputs: number;
  readonly taps: number;
  readonly products: number;
  /** B', products x products. */
  readonly input: Matrix;
  /** G, products x taps. */
  readonly kernel: Matrix;
  /** A', outputs x products. */
  readonly output: Matrix;
}

function times(polynomial: readonly number[], root: number): number[] {
  const product = [0, ...polynomial];
  polynomial.forEach((coefficient, power) => (product[power] = at(product, power) - root * coefficient));
  return product;
}

/**
 * The matrices for these finite points and the point at infinity; outputs + taps - 2 of them. A pair of opposite points has coefficients that differ
 * in signs alone, which halves the work. The point 0 is to be the first.
 */
export function cookToom(outputs: number, taps: number, points: readonly number[]): WinogradMatrices {
  const products = outputs + taps - 1;
  const last = products - 1;
  const polynomial = (left: readonly number[]): number[] => {
    const coefficients = left.reduce(times, [1]);
    return [...coefficients, ...Array<number>(products - coefficients.length).fill(0)];
  };
  const others = points.map((_, index) => points.filter((__, other) => other !== index));
  const scales = points.map((point, index) => at(others, index).reduce((scale, other) => scale * (point - other), 1));
  const powers = (point: number, count: number): number[] =>
    Array.from({ length: count }, (_, power) => point ** power);
  const infinity = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => (index === count - 1 ? 1 : 0));
  return {
    outputs,
    taps,
    products,
    input: [...others.map(polynomial), polynomial(points)],
    kernel: [
      ...points.map((point, index) => powers(point, taps).map((power) => power / at(scales, index))),
      infinity(taps),
    ],
    output: Array.from({ length: outputs }, (_, row) => [
      ...points.map((point) => point ** row),
      row === outputs - 1 && last > 0 ? 1 : 0,
    ]),
  };
}

/** 2 x 2 outputs of a 3 x 3 filter for 16 products instead of 36. */
export const f2x3: WinogradMatrices = /* @__PURE__ */ cookToom(2, 3, [0, 1, -1]);

/** Square roots of 1/2 and 2: their powers are nearer to each other than those of 1 and 2, and so rounding costs less. */
const [small, large] = [Math.SQRT1_2, Math.SQRT2];

/** 4 x 4 outputs for 36 products instead of 144. */
export const f4x3: WinogradMatrices = /* @__PURE__ */ cookToom(4, 3, [0, small, -small, large, -large]);

/** The gradient of a 3 x 3 filter: a filter of 4 x 4 places of the output's gradient that slides over 3 x 3 places. */
export const f3x4: WinogradMatrices = /* @__PURE__ */ cookToom(3, 4, [0, small, -small, large, -large]);
