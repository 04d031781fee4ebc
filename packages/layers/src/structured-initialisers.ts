// First values with a structure: orthogonal, identities, sparse. Exported as part of `initialisers`.
import {
  AttributeError,
  type Initialiser,
  type Shape,
  ShapeError,
  at,
  fillNormal,
  permutation,
  showShape,
  sizeOf,
  splitKey,
} from "@stria/core";
import { checkFinite } from "./check.ts";

function checkRank(initialiser: string, shape: Shape, least: number, most: number): void {
  if (shape.length < least || shape.length > most)
    throw new ShapeError(
      initialiser,
      `${showShape(shape)} has ${shape.length} axes`,
      least === most ? `use it for weights with ${least}` : `use it for weights with ${least} to ${most}`,
    );
}

/** Makes `count` vectors of `length` orthonormal in place, one after the other (modified Gram and Schmidt, each pass twice). */
function orthonormalise(vectors: Float64Array, count: number, length: number): void {
  for (let index = 0; index < count; index++) {
    const vector = vectors.subarray(index * length, (index + 1) * length);
    for (let pass = 0; pass < 2; pass++)
      for (let other = 0; other < index; other++) {
        const earlier = vectors.subarray(other * length, (other + 1) * length);
        const projection = vector.reduce((sum, value, place) => sum + value * at(earlier, place), 0);
        for (const [place, value] of earlier.entries()) vector[place] = at(vector, place) - projection * value;
      }
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    for (const [place, value] of vector.entries()) vector[place] = value / norm;
  }
}

/**
 * gain times a random orthogonal matrix (Saxe, McClelland & Ganguli 2013): the weight [outputs, ...] read as a matrix of `outputs` rows has
 * orthonormal rows, or columns where there are fewer of them. @throws ShapeError for fewer than two axes.
 */
export function orthogonal(gain = 1): Initialiser {
  checkFinite("orthogonal", { gain });
  return (shape, key) => {
    checkRank("orthogonal", shape, 2, Infinity);
    const rows = at(shape, 0);
    const columns = sizeOf(shape.slice(1));
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const drawn = new Float32Array(rows * columns);
    fillNormal(key, 0, drawn);
    const vectors = Float64Array.from(drawn);
    orthonormalise(vectors, count, length);
    return Float32Array.from({ length: rows * columns }, (_, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      return gain * at(vectors, rows <= columns ? row * length + column : column * length + row);
    });
  };
}

/**
 * Normal, with ceil(sparsity * rows) zeros in every column of a weight [rows, columns] (Martens 2010).
 * @throws AttributeError for a sparsity that is not from 0 to 1, ShapeError for other than two axes.
 */
export function sparse(sparsity: number, standardDeviation = 0.01): Initialiser {
  checkFinite("sparse", { sparsity, standardDeviation });
  if (!(sparsity >= 0 && sparsity <= 1))
    throw new AttributeError("sparse", `sparsity ${sparsity} is not from 0 to 1`, "pass the share of zeros");
  return (shape, key) => {
    checkRank("sparse", shape, 2, 2);
    const [rows, columns] = [at(shape, 0), at(shape, 1)];
    const out = new Float32Array(rows * columns);
    fillNormal(key, 0, out);
    for (let index = 0; index < out.length; index++) out[index] = standardDeviation * (out[index] ?? 0);
    const zeros = Math.ceil(sparsity * rows);
    for (let column = 0; column < columns; column++)
      for (const row of permutation(splitKey(key, "zeros", column), rows).subarray(0, zeros))
        out[row * columns + column] = 0;
    return out;
  };
}

/**
 * A convolution that passes its channels on, as many as it can, in each group: 1 at the kernel's middle, 0 elsewhere (Zagoruyko & Komodakis 2017).
 * @throws ShapeError for other than 3 to 5 axes, AttributeError where the outputs do not divide into the groups.
 */
export function dirac(groups = 1): Initialiser {
  return (shape) => {
    checkRank("dirac", shape, 3, 5);
    const [outputs, inputs, kernel] = [at(shape, 0), at(shape, 1), shape.slice(2)];
    if (!Number.isInteger(groups) || groups < 1 || outputs % groups !== 0)
      throw new AttributeError(
        "dirac",
        `${outputs} outputs do not divide into ${groups} groups`,
        "make them a multiple of groups",
      );
    const places = sizeOf(kernel);
    const middle = kernel.reduce((place, length) => place * length + Math.floor(length / 2), 0);
    const perGroup = outputs / groups;
    const out = new Float32Array(outputs * inputs * places);
    for (let output = 0; output < outputs; output++) {
      const channel = output % perGroup;
      if (channel < inputs) out[(output * inputs + channel) * places + middle] = 1;
    }
    return out;
  };
}

/** 1 on the diagonal of a weight [rows, columns], 0 elsewhere: a dense layer that passes its input on. @throws ShapeError. */
export const eye: Initialiser = (shape) => {
  checkRank("eye", shape, 2, 2);
  const columns = at(shape, 1);
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) =>
    Math.floor(index / columns) === index % columns ? 1 : 0,
  );
};
