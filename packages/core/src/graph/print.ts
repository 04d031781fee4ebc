// A graph as text that people read.
import { type Aval, at, showAval } from "../tensor/aval.ts";
import { type DType, type TypedArray, toNumbers } from "../tensor/dtype.ts";
import type { Graph, GraphInput, GraphNode } from "./graph.ts";
import type { AttrValue, Attrs } from "../op.ts";

function showAttribute(value: AttrValue): string {
  if (typeof value === "object")
    return `[${value.map((entry) => (typeof entry === "number" ? String(entry) : `[${entry.join(", ")}]`)).join(", ")}]`;
  return Object.is(value, -0) ? "-0" : String(value);
}

/** ` {stride [2, 2], groups 1}`; nothing where there are no attributes. */
function showAttributes(attrs: Attrs): string {
  const list = Object.entries(attrs).map(([name, value]) => `${name} ${showAttribute(value)}`);
  return list.length === 0 ? "" : ` {${list.join(", ")}}`;
}

/** `conv(float32[1, 3, 8, 8], float32[4, 3, 3, 3]) {stride [1, 1], ...}`: a node by what it works on. */
export function showNode({
  op,
  attrs,
  inputs,
}: {
  readonly op: { readonly name: string };
  readonly attrs: Attrs;
  readonly inputs: readonly Aval[];
}): string {
  return `${op.name}(${inputs.map(showAval).join(", ")})${showAttributes(attrs)}`;
}

function showInput({ role, name, noise }: GraphInput): string {
  return `${role} "${name}"${noise ? ` ${noise.distribution}(${noise.parameters.join(", ")})` : ""}`;
}

/** At most so many elements of a constant are shown. */
const shown = 8;

function showData(given: TypedArray, dtype: DType): string {
  const data = toNumbers(dtype, given);
  const list = Array.from(data.subarray(0, shown), (value) => (Object.is(value, -0) ? "-0" : String(value)));
  return `[${list.join(", ")}${data.length > shown ? `, ... ${data.length - shown} more` : ""}]`;
}

/**
 * One line for each input, constant, node, output and writeback:
 * `%3: float32[8, 6, 24, 24] = conv(%0, %1) {stride [1, 1], ...}  # features.0`.
 */
export function printGraph(graph: Graph): string {
  const declare = (value: number): string => `%${value}: ${showAval(at(graph.values, value))}`;
  const showLine = ({ op, inputs, outputs, attrs, site }: GraphNode): string =>
    `${outputs.map(declare).join(", ")} = ${op.name}(${inputs.map((value) => `%${value}`).join(", ")})${showAttributes(attrs)}${site === undefined ? "" : `  # ${site}`}`;
  const lines = [
    ...graph.inputs.map((input) => `${declare(input.value)} = ${showInput(input)}`),
    ...graph.constants.map(
      ({ value, data }) => `${declare(value)} = constant ${showData(data, at(graph.values, value).dtype)}`,
    ),
    ...graph.nodes.map(showLine),
    ...graph.outputs.map(({ value, name }) => `return %${value} as "${name}"`),
    ...graph.writebacks.map(({ from, to }) => `write %${from} to %${to}`),
  ];
  return `${lines.join("\n")}\n`;
}
