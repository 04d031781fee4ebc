// Inputs for a program that is run for its time only: numbers of a usual size, none of them the user's.
import { allocate, at, type Graph, type GraphInput, sizeOf, type TypedArray } from "@stria/core";

/** Weights that keep what flows through them about as large as it came; positive statistics; small step sizes; labels and indices 0. */
function scaleOf({ role }: GraphInput, shape: readonly number[]): { low: number; high: number } {
  if (role === "scalar") return { low: 1e-3, high: 1e-3 };
  if (role === "state" || (role === "param" && shape.length < 2)) return { low: 0.5, high: 1.5 };
  if (role !== "param") return { low: -1, high: 1 };
  const high = Math.sqrt((6 * at(shape, 0)) / Math.max(1, sizeOf(shape)));
  return { low: -high, high };
}

/** One array for each input of a graph, always the same. */
export function madeInputs(graph: Graph): TypedArray[] {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return graph.inputs.map((input) => {
    const { shape, dtype } = at(graph.values, input.value);
    const data = allocate(dtype, sizeOf(shape));
    if (dtype !== "float32") return data;
    const { low, high } = scaleOf(input, shape);
    for (let index = 0; index < data.length; index++) data[index] = low + next() * (high - low);
    return data;
  });
}
