// Ops that only move elements: own WGSL on strides, since TF.js's kernels stop at rank 4 or 6. Reshaping shares the buffer.
import { at, stridesOf } from "@stria/core";
import { numberOf, numbersOf, pairsOf } from "../attributes.ts";
import { broadcastStrides } from "../engine/collapse.ts";
import { type ElementCode, stridedMap } from "../engine/strided-map.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import { fill } from "./fill.ts";

const copy: ElementCode = { key: "copy", expression: "a" };

/** The output is the input walked from an offset by other strides. */
function walked(
  walk: (strides: readonly number[], node: Parameters<Kernel>[1]) => { strides: number[]; offset: number },
): Kernel {
  return (runtime, node, inputs) => {
    const tensor = at(inputs, 0);
    const output = runtime.allocate(outputOf(node), inputs);
    const view = walk(stridesOf(tensor.aval.shape), node);
    stridedMap(runtime, copy, output.aval.shape, [{ tensor, ...view }], output);
    return [output];
  };
}

export const reshape: Kernel = (runtime, node, inputs) => [runtime.alias(at(inputs, 0), outputOf(node))];

export const transpose: Kernel = walked((strides, node) => ({
  strides: numbersOf(node.attrs, "permutation").map((axis) => at(strides, axis)),
  offset: 0,
}));

export const broadcastTo: Kernel = walked((_, node) => ({
  strides: broadcastStrides(at(node.inputs, 0).shape, outputOf(node).shape),
  offset: 0,
}));

export const slice: Kernel = walked((strides, node) => {
  const start = numbersOf(node.attrs, "start");
  const stride = numbersOf(node.attrs, "stride");
  return {
    strides: strides.map((step, axis) => step * at(stride, axis)),
    offset: strides.reduce((offset, step, axis) => offset + step * at(start, axis), 0),
  };
});

export const flip: Kernel = walked((strides, node) => {
  const axes = numbersOf(node.attrs, "axes");
  const { shape } = outputOf(node);
  return {
    strides: strides.map((step, axis) => (axes.includes(axis) ? -step : step)),
    offset: axes.reduce((offset, axis) => offset + at(strides, axis) * (at(shape, axis) - 1), 0),
  };
});

export const pad: Kernel = (runtime, node, inputs) => {
  const tensor = at(inputs, 0);
  const output = runtime.allocate(outputOf(node), inputs);
  const strides = stridesOf(output.aval.shape);
  const padding = pairsOf(node.attrs, "padding");
  if (padding.some(([before, after]) => before + after > 0)) fill(runtime, output, numberOf(node.attrs, "value"));
  const offset = padding.reduce((sum, [before], axis) => sum + before * at(strides, axis), 0);
  stridedMap(runtime, copy, tensor.aval.shape, [{ tensor, strides: stridesOf(tensor.aval.shape) }], output, {
    strides,
    offset,
  });
  return [output];
};

export const concat: Kernel = (runtime, node, inputs) => {
  const axis = numberOf(node.attrs, "axis");
  const output = runtime.allocate(outputOf(node), inputs);
  const strides = stridesOf(output.aval.shape);
  let start = 0;
  for (const tensor of inputs) {
    const { shape } = tensor.aval;
    stridedMap(runtime, copy, shape, [{ tensor, strides: stridesOf(shape) }], output, {
      strides,
      offset: start * at(strides, axis),
    });
    start += at(shape, axis);
  }
  return [output];
};
