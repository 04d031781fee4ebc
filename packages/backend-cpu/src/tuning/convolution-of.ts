// Finds the convolutions of a graph.
import { at, type Graph, type GraphNode, type Shape } from "@stria/core";
import type { Pass } from "../program/channels-last/algorithms.ts";
import { numbers } from "../program/classify.ts";
import type { ConvolutionGeometry } from "../program/convolution.ts";
import { geometry } from "../program/lowerings/convolutions.ts";

/** A node that is a pass of a convolution: its pass, and the shapes of the convolution forward. */
export function convolutionOf(graph: Graph, node: GraphNode): { pass: Pass; g: ConvolutionGeometry } | undefined {
  const shape = (value: number): Shape => at(graph.values, value).shape;
  const [first, second] = node.inputs.map(shape);
  const output = shape(at(node.outputs, 0));
  if (!first || !second) return undefined;
  switch (node.op.name) {
    case "conv":
      return { pass: "forward", g: geometry(node, first, output, second.slice(2)) };
    case "convTranspose":
      return { pass: "input gradient", g: geometry(node, output, first, second.slice(2)) };
    case "convWeightGradient":
      return { pass: "weight gradient", g: geometry(node, first, second, numbers(node.attrs, "kernel")) };
    default:
      return undefined;
  }
}
