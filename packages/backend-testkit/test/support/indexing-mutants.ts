// Wrong kernels of the ops that read and write at indices, and of sorting.
import { type NodeSpec, type TypedArray, at, sizeOf } from "@stria/core";
import { type Kernel } from "@stria/core/backends";
import { references } from "@stria/core/reference";
import type { Table } from "./mutate.ts";

function right(name: string): Kernel<TypedArray> {
  const kernel = references[name];
  if (!kernel) throw new Error(`no kernel ${name}`);
  return kernel;
}

const axisOf = (node: NodeSpec): number => Number(node.attrs["axis"]);
const lengthOf = (node: NodeSpec): number => Number(node.attrs["length"] ?? at(at(node.inputs, 0).shape, axisOf(node)));

/** With other indices than it was given: they are the last input. */
const withIndices = (name: string, change: (index: number, length: number) => number): Table => ({
  [name]: (inputs, node) =>
    right(name)(
      inputs.map((data, k) => (k === inputs.length - 1 ? data.map((index) => change(index, lengthOf(node))) : data)),
      node,
    ),
});

/** Each lane of the result by itself. */
const perLane = (
  name: string,
  change: (lane: number[], inputs: readonly TypedArray[], lanes: number) => number[],
): Table => ({
  [name]: (inputs, node) => {
    const [y] = right(name)(inputs, node);
    const { shape } = at(node.outputs, 0);
    if (!y) throw new Error(name);
    const [count, inner] = [at(shape, axisOf(node)), sizeOf(shape.slice(axisOf(node) + 1))];
    const result = y.slice();
    for (let lane = 0; lane * count < y.length; lane++) {
      const start = Math.floor(lane / inner) * inner * count + (lane % inner);
      const places = Array.from({ length: count }, (_, k) => start + k * inner);
      const changed = change(
        places.map((place) => at(y, place)),
        inputs,
        lane,
      );
      for (const [k, place] of places.entries()) result[place] = at(changed, k);
    }
    return [result];
  },
});

/** Sorts with another order than the right one. */
const ordered = (compare: (a: number, b: number, i: number, j: number) => number): Table => ({
  argSort: (inputs, node) => {
    const x = at(inputs, 0);
    const { shape } = at(node.inputs, 0);
    const [length, inner] = [at(shape, axisOf(node)), sizeOf(shape.slice(axisOf(node) + 1))];
    const sign = node.attrs["descending"] === true ? -1 : 1;
    return (
      perLane("argSort", (lane, _, number) => {
        const start = Math.floor(number / inner) * inner * length + (number % inner);
        const value = (k: number): number => at(x, start + k * inner);
        return Array.from({ length }, (__, k) => k)
          .toSorted((i, j) => sign * compare(value(i), value(j), i, j))
          .slice(0, lane.length);
      })["argSort"]?.(inputs, node) ?? []
    );
  },
});

/** What each mutant is, its kernels, and the check that has to catch it. */
export const indexingMutants: Readonly<Record<string, readonly [Table, caughtBy: string]>> = {
  "take: a negative index counts from the end": [
    withIndices("take", (index, length) => (index < 0 ? index + length : index)),
    "optional op: take",
  ],
  "take: an index outside is moved to the end": [
    withIndices("take", (index, length) => Math.min(Math.max(index, 0), length - 1)),
    "optional op: take",
  ],
  "gather: indices count from 1": [withIndices("gather", (index) => index - 1), "optional op: gather"],
  "gather: what is outside is 0": [
    {
      gather: (inputs, node) =>
        right("gather")(inputs, node).map((y) => y.map((value) => (Number.isNaN(value) ? 0 : value))),
    },
    "optional op: gather",
  ],
  "takeGradient: what is outside is added at the end": [
    withIndices("takeGradient", (index, length) => (index < 0 || index >= length ? length - 1 : index)),
    "optional op: takeGradient",
  ],
  "gatherGradient: the last of equal indices stays alone": [
    {
      gatherGradient: ([dy, indices], node) => {
        if (!dy || !indices) throw new Error("inputs");
        const spec = {
          ...node,
          inputs: node.inputs.slice(1),
          outputs: [{ ...at(node.outputs, 0), dtype: "int32" as const }],
        };
        const [places] = right("scatterPlaces")([indices], spec);
        const [put] = places
          ? right("gather")([dy, places], {
              ...node,
              outputs: node.outputs,
              inputs: [at(node.inputs, 0), at(spec.outputs, 0)],
            })
          : [];
        if (!put) throw new Error("gatherGradient");
        return [put.map((value, i) => (at(places ?? [], i) < 0 ? 0 : value))];
      },
    },
    "optional op: gatherGradient",
  ],
  "gatherGradient: sums in another order every time": [
    {
      gatherGradient: (inputs, node) => {
        const [dy, indices] = [at(inputs, 0), at(inputs, 1)];
        if (at(node.inputs, 0).shape.length !== 1) return right("gatherGradient")(inputs, node);
        const sums = new Float32Array(sizeOf(at(node.outputs, 0).shape));
        for (const k of [...dy.keys()].toSorted(() => Math.random() - 0.5)) {
          const place = at(indices, k);
          if (place >= 0 && place < sums.length) sums[place] = at(sums, place) + at(dy, k);
        }
        return [sums];
      },
    },
    "determinism",
  ],
  "scatterPlaces: the first of equal indices": [
    {
      scatterPlaces: (inputs, node) => {
        // Backwards there and back: the last becomes the first.
        const count = at(at(node.inputs, 0).shape, axisOf(node));
        const inner = sizeOf(at(node.inputs, 0).shape.slice(axisOf(node) + 1));
        const indices = at(inputs, 0);
        const backwards = indices.map((_, i) => {
          const k = Math.floor(i / inner) % count;
          return at(indices, i + (count - 1 - 2 * k) * inner);
        });
        return right("scatterPlaces")([backwards], node).map((y) => y.map((k) => (k < 0 ? k : count - 1 - k)));
      },
    },
    "optional op: scatterPlaces",
  ],
  "argSort: equals are turned around": [ordered((a, b, i, j) => order(a, b) || j - i), "optional op: argSort"],
  "argSort: the order of the other direction, backwards": [
    {
      argSort: (inputs, node) =>
        right("argSort")(inputs, {
          ...node,
          attrs: {
            ...node.attrs,
            descending: node.attrs["descending"] !== true,
            count: at(at(node.inputs, 0).shape, axisOf(node)),
          },
          outputs: [{ shape: at(node.inputs, 0).shape, dtype: "int32" }],
        }).map((y) => reversed(y, node)),
    },
    "optional op: argSort",
  ],
  "argSort: NaN counts as smallest": [
    ordered((a, b) => (Number.isNaN(a) || Number.isNaN(b) ? -order(a, b) : order(a, b))),
    "optional op: argSort",
  ],
};

function order(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return Number(a > b) - Number(a < b);
}

/** Whole lanes backwards, cut to what is wanted. */
function reversed(y: TypedArray, node: NodeSpec): TypedArray {
  const { shape } = at(node.inputs, 0);
  const [length, count] = [at(shape, axisOf(node)), Number(node.attrs["count"])];
  const inner = sizeOf(shape.slice(axisOf(node) + 1));
  const result = new Int32Array(sizeOf(at(node.outputs, 0).shape));
  return result.map((_, i) => {
    const [outer, k, column] = [Math.floor(i / inner / count), Math.floor(i / inner) % count, i % inner];
    return at(y, (outer * length + length - 1 - k) * inner + column);
  });
}
