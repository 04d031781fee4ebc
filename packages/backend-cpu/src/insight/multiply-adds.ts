// What a node multiplies and adds: convolutions, their gradients and matrix products, computed directly.
import { at, type Graph, type GraphNode, type Shape, sizeOf } from "@stria/core";

/** Multiply-adds of a node by the definition of its op; an algorithm may need fewer. 0 for what is not made of them. */
export function multiplyAddsOf(graph: Graph, { op, attrs, inputs, outputs }: GraphNode): number {
  const shape = (values: readonly number[], index: number): Shape => at(graph.values, at(values, index)).shape;
  switch (op.name) {
    case "conv":
      return sizeOf(shape(outputs, 0)) * sizeOf(shape(inputs, 1).slice(1));
    case "convTranspose":
      return sizeOf(shape(inputs, 0)) * sizeOf(shape(inputs, 1).slice(1));
    case "convWeightGradient":
      return sizeOf(shape(inputs, 1)) * sizeOf(shape(outputs, 0).slice(1));
    case "matmul":
      return (
        sizeOf(shape(outputs, 0)) *
        at(shape(inputs, 0), shape(inputs, 0).length - (attrs["transposeA"] === true ? 2 : 1))
      );
    default:
      return 0;
  }
}
