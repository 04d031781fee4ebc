// conv, its gradient by the input (which is convTranspose) and by the weight.
import { at, type GraphNode } from "@stria/core";
import { numberOf, numbers, pairs } from "../classify.ts";
import { addConvolution, addInputGradient, addWeightGradient, type ConvolutionGeometry } from "../convolution.ts";
import type { Lowering } from "../lower.ts";
import { biasOf, imagesIn, imagesOf, inputOf, outputOf, padder, type Epilogue } from "./rule.ts";

function geometry(
  node: GraphNode,
  input: readonly number[],
  output: readonly number[],
  kernel: readonly number[],
): ConvolutionGeometry {
  return {
    batch: at(input, 0),
    channels: at(input, 1),
    outputs: at(output, 1),
    groups: numberOf(node.attrs, "groups"),
    input: input.slice(2),
    places: output.slice(2),
    kernel,
    stride: numbers(node.attrs, "stride"),
    dilation: numbers(node.attrs, "dilation"),
    before: pairs(node.attrs, "padding").map(([before]) => before),
  };
}

export function conv(l: Lowering, node: GraphNode, epilogue: Epilogue): void {
  const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(x), l.shapeOf(at(node.outputs, 0)), l.shapeOf(weight).slice(2));
  const bias = biasOf(l, epilogue);
  const y = imagesIn(l, outputOf(node, epilogue));
  addConvolution(
    l.builder,
    l.tile,
    g,
    { x: imagesOf(l, x), weight: l.dense(weight), y, bias },
    { bias: bias ? "row" : "none", relu: epilogue?.relu ?? false },
    padder(l),
  );
}

export function convTranspose(l: Lowering, node: GraphNode, epilogue: Epilogue): void {
  const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(at(node.outputs, 0)), l.shapeOf(x), l.shapeOf(weight).slice(2));
  const bias = biasOf(l, epilogue);
  const dx = imagesIn(l, outputOf(node, epilogue));
  addInputGradient(
    l.builder,
    l.tile,
    g,
    { dy: imagesOf(l, x), weight: l.dense(weight), dx, bias },
    { bias: bias ? "row" : "none", relu: epilogue?.relu ?? false },
    padder(l),
  );
}

export function convWeightGradient(l: Lowering, node: GraphNode): void {
  const [x, dy] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(x), l.shapeOf(dy), numbers(node.attrs, "kernel"));
  addWeightGradient(
    l.builder,
    l.tile,
    g,
    { x: imagesOf(l, x), dy: imagesOf(l, dy), dw: l.buffer(at(node.outputs, 0)) },
    padder(l),
  );
}
