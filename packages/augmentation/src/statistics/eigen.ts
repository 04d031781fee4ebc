// Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.

export interface Eigen {
  /** Falling. */
  readonly values: Float64Array;
  /** `[n, n]`: a column for each value, of length 1, turned so that its largest entry is positive. */
  readonly vectors: Float64Array;
}

const sweeps = 100;

/** Turns the axes p and q so that the entry between them vanishes. */
function rotate(matrix: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const at = (i: number, j: number): number => matrix[i * n + j] ?? 0;
  if (at(p, q) === 0) return;
  const slope = (at(q, q) - at(p, p)) / (2 * at(p, q));
  const t = (slope >= 0 ? 1 : -1) / (Math.abs(slope) + Math.hypot(slope, 1));
  const cosine = 1 / Math.hypot(t, 1);
  const sine = t * cosine;
  const turn = (values: Float64Array, first: number, second: number): void => {
    const [a, b] = [values[first] ?? 0, values[second] ?? 0];
    values[first] = cosine * a - sine * b;
    values[second] = sine * a + cosine * b;
  };
  for (let i = 0; i < n; i++) turn(matrix, i * n + p, i * n + q);
  for (let i = 0; i < n; i++) turn(matrix, p * n + i, q * n + i);
  for (let i = 0; i < n; i++) turn(vectors, i * n + p, i * n + q);
}

/** How far a matrix is from a diagonal one, relative to its size. */
function apart(matrix: Float64Array, n: number): number {
  let [off, all] = [0, 0];
  for (let i = 0; i < matrix.length; i++) {
    const square = (matrix[i] ?? 0) ** 2;
    all += square;
    if (Math.floor(i / n) !== i % n) off += square;
  }
  return all === 0 ? 0 : Math.sqrt(off / all);
}

/** Of the symmetric matrix `[n, n]`. */
export function symmetricEigen(symmetric: Float64Array, n: number): Eigen {
  const matrix = symmetric.slice();
  const vectors = Float64Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) === i % n ? 1 : 0));
  for (let sweep = 0; sweep < sweeps && apart(matrix, n) > 1e-15; sweep++)
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(matrix, vectors, n, p, q);
  const order = Array.from({ length: n }, (_, i) => i).toSorted(
    (a, b) => (matrix[b * n + b] ?? 0) - (matrix[a * n + a] ?? 0),
  );
  const sorted = new Float64Array(n * n);
  for (const [to, from] of order.entries()) {
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const entry = vectors[i * n + from] ?? 0;
      if (Math.abs(entry) > Math.abs(largest)) largest = entry;
    }
    for (let i = 0; i < n; i++) sorted[i * n + to] = (vectors[i * n + from] ?? 0) * Math.sign(largest);
  }
  return { values: Float64Array.from(order, (i) => matrix[i * n + i] ?? 0), vectors: sorted };
}

/** Means of the features of rows `[count, n]`, and their covariances `[n, n]`, divided by the count. */
export function covarianceOf(
  rows: ArrayLike<number>,
  count: number,
  n: number,
): { readonly mean: Float64Array; readonly covariance: Float64Array } {
  const mean = new Float64Array(n);
  for (let i = 0; i < count * n; i++) mean[i % n] = (mean[i % n] ?? 0) + (rows[i] ?? 0) / count;
  const covariance = new Float64Array(n * n);
  const centred = new Float64Array(n);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < n; i++) centred[i] = (rows[row * n + i] ?? 0) - (mean[i] ?? 0);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        covariance[i * n + j] = (covariance[i * n + j] ?? 0) + ((centred[i] ?? 0) * (centred[j] ?? 0)) / count;
  }
  return { mean, covariance };
}
