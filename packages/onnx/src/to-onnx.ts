// A graph as an ONNX model: values become names, nodes go through the translation table, empty tensors become constants.
import { BackendError, type Graph, type GraphNode, at, resultValues, sizeOf } from "@stria/core";
import { type ModelValue, assemble, encode } from "./model.ts";
import { ruleOf } from "./table.ts";
import { type Named, type Translation, Value } from "./translation.ts";
import { Writer } from "./writer.ts";

export interface ToOnnxOptions {
  /** Name of the graph in the model. Default "graph". */
  readonly name?: string;
  /**
   * Whether what ONNX leaves to the runtime is spelled out with more nodes: NaN in maxima, and the tail of the logistic function. Default true.
   * False gives the plain nodes that other tools expect.
   */
  readonly exact?: boolean;
  /** Keys and values for the model's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model, and what its inputs and outputs are called. */
export interface OnnxModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Name of each of the graph's inputs. */
  readonly inputs: readonly string[];
  /** Name of each of `resultValues(graph)`: the outputs, then the new values of the writebacks. */
  readonly outputs: readonly string[];
}

function define(writer: Writer, graph: Graph, value: number, result: string | Named): Value {
  const aval = at(graph.values, value);
  return typeof result === "string" ? Value.whole(writer, aval, result) : Value.repeated(writer, aval, result);
}

function translateNode(
  writer: Writer,
  graph: Graph,
  node: GraphNode,
  values: ReadonlyMap<number, Value>,
  live: ReadonlySet<number>,
  exact: boolean,
): readonly (string | Named)[] {
  const rule = ruleOf(node.op.name);
  if (!rule)
    throw new BackendError(node.op.name, "it has no translation to ONNX", "legalise the graph with onnxSupports first");
  const translation: Translation = {
    writer,
    attrs: node.attrs,
    inputs: node.inputs.map((value) => {
      const found = values.get(value);
      if (!found)
        throw new BackendError(
          node.op.name,
          `value ${value} is used before it is defined`,
          "give the nodes in topological order",
        );
      return found;
    }),
    outputs: node.outputs.map((value) => at(graph.values, value)),
    wanted: node.outputs.map((value) => live.has(value)),
    exact,
  };
  return rule.translate(translation);
}

/** Values that a node or a result reads. */
function readValues(graph: Graph): Set<number> {
  return new Set([...resultValues(graph), ...graph.nodes.flatMap((node) => node.inputs)]);
}

/**
 * Translates a legalised graph (see `onnxSupports`) to an ONNX model of operator set 18 and tells what its inputs and outputs are called:
 * as in the graph, with a number after a name that is there twice, and `next.` before the name of a written-back input.
 * @throws BackendError naming an op that has no translation, AttributeError naming an attribute that is not what it should be.
 */
export function toOnnxModel(
  graph: Graph,
  { name = "graph", exact = true, metadata = {} }: ToOnnxOptions = {},
): OnnxModel {
  const writer = new Writer();
  const values = new Map<number, Value>();
  const live = readValues(graph);

  const inputs = graph.inputs.map((input): ModelValue => {
    const { shape, dtype } = at(graph.values, input.value);
    const claimed = writer.claim(input.name || "input");
    values.set(input.value, define(writer, graph, input.value, claimed));
    return { name: claimed, type: dtype, shape };
  });
  const inputNames = new Map(graph.inputs.map(({ value }, index) => [value, at(inputs, index).name]));
  const wantedNames = [
    ...graph.outputs.map((output) => output.name || "output"),
    ...graph.writebacks.map(({ to }) => `next.${inputNames.get(to) ?? "state"}`),
  ].map((wanted) => writer.claim(wanted));

  for (const { value, data } of graph.constants) {
    const { shape, dtype } = at(graph.values, value);
    values.set(value, define(writer, graph, value, writer.constant(dtype, shape, data)));
  }
  for (const node of graph.nodes) {
    writer.stem = node.op.name;
    writer.site = node.site ?? "";
    const empty = node.outputs.every((value) => sizeOf(at(graph.values, value).shape) === 0);
    const results = empty
      ? node.outputs.map((value) => writer.filled(at(graph.values, value).dtype, at(graph.values, value).shape, 0))
      : translateNode(writer, graph, node, values, live, exact);
    for (const [index, value] of node.outputs.entries()) {
      const result = results[index];
      if (result !== undefined) values.set(value, define(writer, graph, value, result));
    }
  }

  writer.site = "";
  const outputs = resultValues(graph).map((value, index): ModelValue => {
    const result = values.get(value);
    if (!result)
      throw new BackendError("toOnnx", `result ${index} is value ${value}, which nothing defines`, "check the graph");
    const output = at(wantedNames, index);
    writer.publish(result.name, output);
    return { name: output, type: result.aval.dtype, shape: result.aval.shape };
  });
  writer.finish();
  const model = assemble({ name, nodes: writer.nodes, initializers: writer.initializers, inputs, outputs, metadata });
  return { bytes: encode(model), inputs: inputs.map((input) => input.name), outputs: wantedNames };
}

/** The bytes of `toOnnxModel`: what an `.onnx` file holds. */
export function toOnnx(graph: Graph, options: ToOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  return toOnnxModel(graph, options).bytes;
}
