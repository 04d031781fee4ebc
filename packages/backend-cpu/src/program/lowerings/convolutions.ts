// conv, its gradient by the input (which is convTranspose) and by the weight.
import { at, type GraphNode } from "@stria/core";
import { numberOf, numbers, pairs } from "../classify.ts";
import { depthwise, packed } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import { isDepthwiseShape, type Pass } from "../channels-last/algorithms.ts";
import {
  addPixelConvolution,
  addPixelInputGradient,
  addPixelWeightGradient,
  type Way,
} from "../channels-last/choose.ts";
import type { PixelEpilogue, PixelOperand } from "../channels-last/pixels.ts";
import { asPixels } from "../images.ts";
import type { Lowering } from "../lower.ts";
import { imagesIn, imagesOf, inputOf, outputOf, type Epilogue } from "./rule.ts";
import { scaledOperands } from "./scaled-operands.ts";

export function geometry(
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

/** A value as pixels, copied where it lies otherwise. */
function pixelsOf(l: Lowering, value: number): PixelOperand {
  return asPixels(l.read(value)) ?? { buffer: l.ordered(value, "channels-last"), offset: 0 };
}

/** The memory of a value as pixels, where pixels are what images are made of. */
function pixelsIn(l: Lowering, root: number): PixelOperand | undefined {
  return l.layout === "channels-last" ? asPixels(imagesIn(l, root)) : undefined;
}

function* wayOf(l: Lowering, g: ConvolutionGeometry, pass: Pass, epilogue?: Epilogue): Pieces<Way> {
  const isLoaded = epilogue?.residual !== undefined || epilogue?.most !== undefined;
  return { algorithm: yield* l.choose(g, pass, isLoaded), tile: l.tile };
}

/** What is done to pixels before they are stored. */
function pixelEpilogue(l: Lowering, epilogue: Epilogue): PixelEpilogue {
  const { relu = false, most, residual } = epilogue ?? {};
  return { relu, most, ...(residual !== undefined && { residual: pixelsOf(l, residual) }) };
}

export function* conv(l: Lowering, node: GraphNode, epilogue: Epilogue): Pieces<void> {
  const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(x), l.shapeOf(at(node.outputs, 0)), l.shapeOf(weight).slice(2));
  const output = outputOf(node, epilogue);
  const y = pixelsIn(l, output);
  const operands = yield* scaledOperands(l, weight, epilogue, { outputs: g.outputs, rows: g.outputs });
  const { bias } = operands;
  const { relu = false, most } = epilogue ?? {};
  if (y) {
    const buffers = { ...operands, x: pixelsOf(l, x), y };
    const way = yield* wayOf(l, g, "forward", epilogue);
    return yield* addPixelConvolution(l.builder, way, g, buffers, pixelEpilogue(l, epilogue));
  }
  if (l.takesPlanes && isDepthwiseShape(g)) {
    const { addDepthwisePlanes, planeWindowsOf } = yield* depthwise.wait();
    const windows = planeWindowsOf(g);
    if (windows) {
      const source = l.dense(x);
      return l.write(output, "row-major", (target) =>
        addDepthwisePlanes(l.builder, l.tile, g, windows, { ...operands, x: source, y: target }, { relu, most }),
      );
    }
  }
  const { addConvolution, padder } = yield* packed.wait();
  addConvolution(
    l.builder,
    l.tile,
    g,
    { ...operands, x: imagesOf(l, x), y: imagesIn(l, output) },
    { bias: bias ? "row" : "none", relu },
    padder(l.builder),
  );
}

export function* convTranspose(l: Lowering, node: GraphNode, epilogue: Epilogue): Pieces<void> {
  const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(at(node.outputs, 0)), l.shapeOf(x), l.shapeOf(weight).slice(2));
  const output = outputOf(node, epilogue);
  const dx = pixelsIn(l, output);
  const operands = yield* scaledOperands(l, weight, epilogue, { outputs: g.channels, rows: g.outputs * g.channels });
  const [{ bias }, relu] = [operands, epilogue?.relu ?? false];
  if (dx) {
    const buffers = { ...operands, dy: pixelsOf(l, x), dx };
    const way = yield* wayOf(l, g, "input gradient", epilogue);
    return yield* addPixelInputGradient(l.builder, way, g, buffers, pixelEpilogue(l, epilogue));
  }
  const { addInputGradient, padder } = yield* packed.wait();
  addInputGradient(
    l.builder,
    l.tile,
    g,
    { ...operands, dy: imagesOf(l, x), dx: imagesIn(l, output) },
    { bias: bias ? "row" : "none", relu },
    padder(l.builder),
  );
}

export function* convWeightGradient(l: Lowering, node: GraphNode): Pieces<void> {
  const [x, dy] = [inputOf(node, 0), inputOf(node, 1)];
  const g = geometry(node, l.shapeOf(x), l.shapeOf(dy), numbers(node.attrs, "kernel"));
  const dw = l.buffer(at(node.outputs, 0));
  if (l.layout === "channels-last") {
    const way = yield* wayOf(l, g, "weight gradient");
    return yield* addPixelWeightGradient(l.builder, way, g, { x: pixelsOf(l, x), dy: pixelsOf(l, dy), dw });
  }
  const { addWeightGradient, padder } = yield* packed.wait();
  addWeightGradient(l.builder, l.tile, g, { x: imagesOf(l, x), dy: imagesOf(l, dy), dw }, padder(l.builder));
}
