// A LeNet-5 with batch normalisation, trained by SGD with momentum, as one pure function of tensors: one graph for every executor.
import {
  type Tensor,
  add,
  batchNormTraining,
  compile,
  conv,
  flatten,
  fromHost,
  matmul,
  maxPool,
  mean,
  mul,
  softmaxCrossEntropy,
  sub,
  tanh,
  valueAndGrad,
} from "@stria/core";
import type { Dice } from "./value.ts";

const shapes = {
  conv1: [6, 1, 5, 5],
  bias1: [6],
  scale1: [6],
  shift1: [6],
  conv2: [16, 6, 5, 5],
  bias2: [16],
  dense3: [400, 120],
  bias3: [120],
  dense4: [120, 84],
  bias4: [84],
  dense5: [84, 10],
  bias5: [10],
} as const;

export type Weights = { readonly [Name in keyof typeof shapes]: Tensor };

function drawn(dice: Dice, shape: readonly number[], scale: number): Tensor {
  const { data } = dice.value(shape, "float32");
  return fromHost(
    Float32Array.from(data, (item) => item * scale),
    shape,
    "float32",
  );
}

export function drawWeights(dice: Dice, scale = 1): Weights {
  const draw = (name: keyof typeof shapes): Tensor => {
    const shape = shapes[name];
    const inputs = shape.length === 4 ? shape[1] * 25 : shape[0];
    return drawn(dice, shape, scale / Math.sqrt(inputs));
  };
  return {
    conv1: draw("conv1"),
    bias1: draw("bias1"),
    scale1: draw("scale1"),
    shift1: draw("shift1"),
    conv2: draw("conv2"),
    bias2: draw("bias2"),
    dense3: draw("dense3"),
    bias3: draw("bias3"),
    dense4: draw("dense4"),
    bias4: draw("bias4"),
    dense5: draw("dense5"),
    bias5: draw("bias5"),
  };
}

export function drawBatch(dice: Dice, size: number): { x: Tensor; labels: Tensor } {
  const labels = Int32Array.from({ length: size }, () => dice.whole(0, 9));
  return { x: drawn(dice, [size, 1, 28, 28], 1), labels: fromHost(labels, [size], "int32") };
}

function loss(w: Weights, x: Tensor, labels: Tensor): Tensor {
  const first = batchNormTraining(conv(x, w.conv1, { padding: 2, bias: w.bias1 }), w.scale1, w.shift1).y;
  const second = conv(maxPool(tanh(first), 2), w.conv2, { bias: w.bias2 });
  const features = flatten(maxPool(tanh(second), 2), 1);
  const third = tanh(add(matmul(features, w.dense3), w.bias3));
  const fourth = tanh(add(matmul(third, w.dense4), w.bias4));
  return mean(softmaxCrossEntropy(add(matmul(fourth, w.dense5), w.bias5), labels));
}

interface State {
  readonly weights: Weights;
  readonly momentum: Weights;
}

function each(weights: Weights, f: (name: keyof Weights) => Tensor): Weights {
  return {
    conv1: f("conv1"),
    bias1: f("bias1"),
    scale1: f("scale1"),
    shift1: f("shift1"),
    conv2: f("conv2"),
    bias2: f("bias2"),
    dense3: f("dense3"),
    bias3: f("bias3"),
    dense4: f("dense4"),
    bias4: f("bias4"),
    dense5: f("dense5"),
    bias5: f("bias5"),
  };
}

export const trainingStep: (state: State, x: Tensor, labels: Tensor) => State & { readonly loss: Tensor } = compile(
  (state: State, x: Tensor, labels: Tensor) => {
    const { value, grads } = valueAndGrad((weights: Weights) => loss(weights, x, labels))(state.weights);
    const momentum = each(grads, (name) => add(mul(state.momentum[name], 0.9), grads[name]));
    return {
      loss: value,
      momentum,
      weights: each(grads, (name) => sub(state.weights[name], mul(momentum[name], 0.05))),
    };
  },
);
