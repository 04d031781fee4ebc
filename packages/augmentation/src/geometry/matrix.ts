// Maps of the plane as matrices: affine and projective ones.
import { AttributeError } from "@stria/core";

/** Nine numbers, row by row: x becomes (a x + b y + c) / w, y (d x + e y + f) / w, with w = g x + h y + i. */
export type Matrix = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
  i: number,
];

/** x and y in the frame where the image is from 0 to its width and from 0 to its height. */
export type Point = readonly [x: number, y: number];

/** What moves by dx and dy. */
export function translation(dx: number, dy: number): Matrix {
  return [1, 0, dx, 0, 1, dy, 0, 0, 1];
}

function productOfTwo(m: Matrix, n: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, i] = m;
  const [p, q, r, s, t, u, v, w, x] = n;
  return [
    a * p + b * s + c * v,
    a * q + b * t + c * w,
    a * r + b * u + c * x,
    d * p + e * s + f * v,
    d * q + e * t + f * w,
    d * r + e * u + f * x,
    g * p + h * s + i * v,
    g * q + h * t + i * w,
    g * r + h * u + i * x,
  ];
}

/** The map that applies the last one first. */
export function product(first: Matrix, ...others: readonly Matrix[]): Matrix {
  return others.reduce(productOfTwo, first);
}

/** The map back. @throws AttributeError for one that folds the plane to a line. */
export function inverse(name: string, [a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const [p, q, r] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * p + b * q + c * r;
  if (!Number.isFinite(1 / determinant))
    throw new AttributeError(
      name,
      `the map's determinant is ${determinant}, so nothing leads back`,
      "use another scale, shear or points",
    );
  return [
    p / determinant,
    (c * h - b * i) / determinant,
    (b * f - c * e) / determinant,
    q / determinant,
    (a * i - c * g) / determinant,
    (c * d - a * f) / determinant,
    r / determinant,
    (b * g - a * h) / determinant,
    (a * e - b * d) / determinant,
  ];
}

/** Where a point goes. */
export function moved([a, b, c, d, e, f, g, h, i]: Matrix, x: number, y: number): Point {
  const w = g * x + h * y + i;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

/** Cosine and sine of degrees, exact for quarter turns, so that these move pixels without mixing them. */
export function cosineAndSine(degrees: number): readonly [cosine: number, sine: number] {
  const quarters = degrees / 90;
  if (Number.isInteger(quarters)) {
    const turns = ((quarters % 4) + 4) % 4;
    return [[1, 0, -1, 0][turns] ?? 1, [0, 1, 0, -1][turns] ?? 0];
  }
  const radians = (degrees * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians)];
}

/** The tangent of degrees, 0 for 0. */
export function tangent(degrees: number): number {
  return Math.tan((degrees * Math.PI) / 180);
}
