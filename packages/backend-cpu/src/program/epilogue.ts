// A convolution or matrix product takes the bias and the rectifier that follow it into its stores.
import { at, sameShape, sizeOf } from "@stria/core";
import type { Classified } from "./classify.ts";
import type { Uses } from "./uses.ts";

export interface Epilogue {
  /** The value that is added: one number for each channel of a convolution, or column of a matrix. */
  readonly bias: number | undefined;
  readonly relu: boolean;
  /** The value that is stored instead of the product's own. */
  readonly output: number;
}

const products: ReadonlySet<string> = new Set(["conv", "convTranspose", "matmul"]);

/** What the product at node `index` can absorb, and the nodes that are absorbed; undefined where there is nothing. */
export function epilogueOf(
  c: Classified,
  uses: Uses,
  index: number,
): { nodes: number[]; epilogue: Epilogue } | undefined {
  const { graph, kinds } = c;
  const node = at(graph.nodes, index);
  if (!products.has(node.op.name)) return undefined;
  const nodes: number[] = [];
  let output = at(node.outputs, 0);
  let bias: number | undefined;
  let reader = uses.onlyReader(output);
  if (reader !== undefined && at(graph.nodes, reader).op.name === "add") {
    bias = biasOf(c, uses, reader, output, index);
    if (bias !== undefined) {
      output = at(at(graph.nodes, reader).outputs, 0);
      nodes.push(reader);
      reader = uses.onlyReader(output);
    }
  }
  let relu = false;
  if (
    reader !== undefined &&
    at(graph.nodes, reader).op.name === "relu" &&
    at(kinds, reader) === "map" &&
    uses.readsWhole(reader, output)
  ) {
    relu = true;
    output = at(at(graph.nodes, reader).outputs, 0);
    nodes.push(reader);
  }
  return nodes.length > 0 ? { nodes, epilogue: { bias, relu, output } } : undefined;
}

/** The operand that an addition adds to `value`, if it is one number for each channel or column and is ready before the product is. */
function biasOf(
  { graph, sources, producers }: Classified,
  uses: Uses,
  addition: number,
  value: number,
  product: number,
): number | undefined {
  const node = at(graph.nodes, addition);
  const { shape } = at(graph.values, value);
  if (!sameShape(at(graph.values, at(node.outputs, 0)).shape, shape) || !uses.readsWhole(addition, value))
    return undefined;
  const operand = node.inputs.find((input) => at(sources, input).root !== value);
  if (operand === undefined || sizeOf(shape) === 0) return undefined;
  const { root, view, literal } = at(sources, operand);
  const axis = at(graph.nodes, product).op.name === "matmul" ? shape.length - 1 : 1;
  const fromEnd = shape.length - axis;
  const perChannel = view.shape.every((length, k) => {
    const isChannels = view.shape.length - k === fromEnd && length === at(shape, axis) && at(view.strides, k) === 1;
    return length === 1 || at(view.strides, k) === 0 || isChannels;
  });
  const spans =
    at(shape, axis) === 1 || (view.shape.at(-fromEnd) === at(shape, axis) && view.strides.at(-fromEnd) === 1);
  return literal === undefined && perChannel && spans && at(producers, root) < product ? operand : undefined;
}
