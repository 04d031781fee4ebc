// How a kernel of the reference is made wrong: by its attributes, its inputs, its results.
import { type Attrs, type Backend, type NodeSpec, type TypedArray, at, dtypes } from "@stria/core";
import { type Kernel, fromKernels } from "@stria/core/backends";
import { references } from "@stria/core/reference";

export type Table = Readonly<Record<string, Kernel<TypedArray>>>;

export function backendOf(changes: Table): Backend {
  return fromKernels<TypedArray>({
    name: "mutant",
    dtypes,
    kernels: { ...references, ...changes },
    upload: (data) => data.slice(),
    download: async (data) => data.slice(),
    free: () => {},
  });
}

export function right(name: string): Kernel<TypedArray> {
  const kernel = references[name];
  if (!kernel) throw new Error(`no kernel ${name}`);
  return kernel;
}

/** With other attributes than it was given. */
export const withAttrs = (name: string, change: (attrs: Attrs) => Attrs): Table => ({
  [name]: (inputs, node) => right(name)(inputs, { ...node, attrs: { ...node.attrs, ...change(node.attrs) } }),
});
/** With other data than it was given. */
export const withInputs = (name: string, change: (x: number) => number): Table => ({
  [name]: (inputs, node) =>
    right(name)(
      inputs.map((data) => data.map(change)),
      node,
    ),
});
/** With results that are changed afterwards. */
export const withResults = (name: string, change: (y: TypedArray, node: NodeSpec) => TypedArray): Table => ({
  [name]: (inputs, node) => right(name)(inputs, node).map((y) => change(y, node)),
});
/** One element of the output from one of each (equally shaped) input, where shapes are equal. */
export const pairwise = (name: string, f: (a: number, b: number, node: NodeSpec) => number): Table => ({
  [name]: (inputs, node) => {
    const [y] = right(name)(inputs, node);
    const [a, b] = inputs;
    if (!y || !a || !b) throw new Error(name);
    return [a.length === y.length && b.length === y.length ? y.map((_, i) => f(at(a, i), at(b, i), node)) : y];
  },
});
export const numbers = (value: Attrs[string] | undefined): number[] =>
  typeof value === "object" ? value.map((entry) => (typeof entry === "number" ? entry : entry[0])) : [];
export const pairs = (value: Attrs[string] | undefined): (readonly [number, number])[] =>
  typeof value === "object" ? value.flatMap((entry) => (typeof entry === "number" ? [] : [entry])) : [];
export const noNaN = (x: number): number => (Number.isNaN(x) ? -Infinity : x);
export const isInt = (node: NodeSpec): boolean => at(node.inputs, 0).dtype === "int32";
export const saturated = (x: number): number => Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1);
