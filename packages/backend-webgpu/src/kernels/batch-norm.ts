// Batch normalisation in training and its gradient: own WGSL, as reductions and one elementwise pass, with nothing of the input's size kept
// in between. The variance is that of differences from the mean (two passes): the difference of squares loses all digits.
import { type Shape, at, sizeOf, stridesOf } from "@stria/core";
import { numberOf } from "../attributes.ts";
import { type Operand, stridedMap } from "../engine/strided-map.ts";
import { type ReduceCode, type ReduceOperand, stridedReduce } from "../engine/strided-reduce.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";
import { fill } from "./fill.ts";

const withoutChannels = <T>(list: readonly T[]): T[] => list.filter((_, axis) => axis !== 1);

/** Reduces [N, C, ...] tensors to [C]; tensors of shape [C] among the operands are broadcast. */
function perChannel(runtime: Runtime, code: ReduceCode, shape: Shape, tensors: readonly DeviceTensor[]): DeviceTensor {
  const strides = stridesOf(shape);
  const operands = tensors.map((tensor): ReduceOperand => {
    const whole = tensor.aval.shape.length > 1;
    return {
      tensor,
      kept: [whole ? at(strides, 1) : 1],
      reduced: withoutChannels(strides).map((stride) => (whole ? stride : 0)),
    };
  });
  const reduced = withoutChannels(shape);
  const aval = { shape: [at(shape, 1)], dtype: "float32" } as const;
  if (sizeOf(reduced) > 0) return stridedReduce(runtime, code, [at(shape, 1)], reduced, operands, aval);
  const nothing = runtime.allocate(aval, tensors);
  fill(runtime, nothing, code.scale === undefined ? 0 : Number.NaN);
  return nothing;
}

/** Operands of an elementwise pass over `shape`: those of shape [C] are broadcast. */
function overChannels(shape: Shape, tensors: readonly DeviceTensor[]): Operand[] {
  const strides = stridesOf(shape);
  return tensors.map((tensor) => ({
    tensor,
    strides: tensor.aval.shape.length > 1 ? strides : shape.map((_, axis) => (axis === 1 ? 1 : 0)),
  }));
}

/** Elements that one channel has. */
function countOf(shape: Shape): number {
  return sizeOf(withoutChannels(shape));
}

export const batchNormTraining: Kernel = (runtime, node, inputs) => {
  const [x, weight, bias] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
  const { shape } = x.aval;
  const scale = 1 / countOf(shape);
  const mean = perChannel(runtime, { key: "plain", expression: "a", combine: "sum", scale }, shape, [x]);
  const variance = perChannel(
    runtime,
    { key: "squared difference", expression: "(a - b) * (a - b)", combine: "sum", scale },
    shape,
    [x, mean],
  );
  const y = runtime.allocate(outputOf(node), inputs);
  const normalise = {
    key: "batchNormTraining",
    expression: "(a - d) * (b / sqrt(e + uniforms.p_0[0])) + c",
    parameters: [numberOf(node.attrs, "epsilon")],
  };
  stridedMap(runtime, normalise, shape, overChannels(shape, [x, weight, bias, mean, variance]), y);
  return [y, mean, variance];
};

export const batchNormGradient: Kernel = (runtime, node, inputs) => {
  const [dy, x, weight, mean, variance] = [at(inputs, 0), at(inputs, 1), at(inputs, 2), at(inputs, 3), at(inputs, 4)];
  const { shape } = x.aval;
  const epsilon = numberOf(node.attrs, "epsilon");
  const biasGradient = perChannel(runtime, { key: "plain", expression: "a", combine: "sum" }, shape, [dy]);
  const products = perChannel(
    runtime,
    { key: "product of difference", expression: "a * (b - c)", combine: "sum" },
    shape,
    [dy, x, mean],
  );
  const weightGradient = runtime.allocate(outputOf(node, 1), inputs);
  stridedMap(
    runtime,
    { key: "over deviation", expression: "a / sqrt(b + uniforms.p_0[0])", parameters: [epsilon] },
    weightGradient.aval.shape,
    [products, variance].map((tensor) => ({ tensor, strides: [1] })),
    weightGradient,
  );
  const dx = runtime.allocate(outputOf(node), inputs);
  const gradient = {
    key: "batchNormGradient",
    expression: "c / sqrt(e + uniforms.p_0[0]) * (a - (f + (b - d) / sqrt(e + uniforms.p_0[0]) * g) * uniforms.p_0[1])",
    parameters: [epsilon, 1 / countOf(shape)],
  };
  stridedMap(
    runtime,
    gradient,
    shape,
    overChannels(shape, [dy, x, weight, mean, variance, biasGradient, weightGradient]),
    dx,
  );
  runtime.free(products);
  return [dx, weightGradient, biasGradient];
};
