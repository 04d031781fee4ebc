// Named tensors as one float64 vector on the host, and the little algebra that L-BFGS needs.
import { type Aval, FormatError, fromHost, sameShape, showShape, sizeOf } from "@stria/core";
import type { NamedTensors } from "../optimizer.ts";

export type Vector = Float64Array;

/** Where each tensor lies in the vector: in the order of the paths. */
export type Layout = ReadonlyMap<string, Aval>;

export function layoutOf(tensors: NamedTensors): Layout {
  return new Map([...tensors].map(([path, { aval }]) => [path, aval]));
}

/** @throws FormatError when a tensor is missing or has another shape. */
export async function toVector(layout: Layout, tensors: NamedTensors, what: string): Promise<Vector> {
  const parts = await Promise.all(
    [...layout].map(([path, { shape }]) => {
      const found = tensors.get(path);
      if (!found || !sameShape(found.shape, shape))
        throw new FormatError(
          "lbfgs",
          `${what} of ${path} is ${found ? showShape(found.shape) : "missing"}, the parameter ${showShape(shape)}`,
          "return one for every parameter, under the same path",
        );
      return found.data();
    }),
  );
  const vector = new Float64Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    vector.set(part, offset);
    offset += part.length;
  }
  return vector;
}

export function toTensors(layout: Layout, vector: Vector): NamedTensors {
  let offset = 0;
  return new Map(
    [...layout].map(([path, { shape }]) => {
      const end = offset + sizeOf(shape);
      const values = Float32Array.from(vector.subarray(offset, end));
      offset = end;
      return [path, fromHost(values, shape, "float32")];
    }),
  );
}

export function dot(a: Vector, b: Vector): number {
  let total = 0;
  for (const [index, value] of a.entries()) total += value * (b[index] ?? 0);
  return total;
}

/** a + factor b. */
export function plus(a: Vector, factor: number, b: Vector): Vector {
  return a.map((value, index) => value + factor * (b[index] ?? 0));
}

export function times(a: Vector, factor: number): Vector {
  return a.map((value) => value * factor);
}

/** The largest absolute value; NaN where there is one. */
export function largest(a: Vector): number {
  let found = 0;
  for (const value of a) found = Math.max(found, Math.abs(value));
  return found;
}
