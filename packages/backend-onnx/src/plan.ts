// What of a graph ONNX Runtime has to compute: inputs that go straight out, constants and empty tensors never enter it.
import { type Graph, type TypedArray, allocate, at, resultValues, sizeOf } from "@stria/core";

/** Where a result comes from. */
export type Source =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly data: TypedArray }
  | { readonly kind: "computed"; readonly output: number };

export interface Plan {
  /** The graph to compute, its names plain: the inputs that nodes read, each computed result once, no writebacks. */
  readonly graph: Graph;
  /** For each input of that graph, its place among the inputs of the whole graph. */
  readonly fed: readonly number[];
  /** For each of `resultValues` of the whole graph. */
  readonly sources: readonly Source[];
}

export function plan(graph: Graph): Plan {
  const inputs = new Map(graph.inputs.map(({ value }, index) => [value, index]));
  const constants = new Map(graph.constants.map(({ value, data }) => [value, data]));
  const computed: number[] = [];
  const sources = resultValues(graph).map((value): Source => {
    const index = inputs.get(value);
    if (index !== undefined) return { kind: "input", index };
    const { shape, dtype } = at(graph.values, value);
    const data = sizeOf(shape) === 0 ? allocate(dtype, 0) : constants.get(value);
    if (data !== undefined) return { kind: "constant", data };
    const known = computed.indexOf(value);
    return { kind: "computed", output: known >= 0 ? known : computed.push(value) - 1 };
  });
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  const fed = [...graph.inputs.keys()].filter((index) => read.has(at(graph.inputs, index).value));
  return {
    graph: {
      ...graph,
      inputs: fed.map((index) => ({ ...at(graph.inputs, index), name: `input_${index}` })),
      outputs: computed.map((value, index) => ({ value, name: `output_${index}` })),
      writebacks: [],
    },
    fed,
    sources,
  };
}
