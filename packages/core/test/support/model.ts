// A small model to train in tests: cells in plain objects, and one step of gradient descent.
import {
  type CompileOptions,
  type CompiledFunction,
  Parameter,
  State,
  type Tensor,
  compile,
  conv,
  maxPool,
  mean,
  relu,
  reshape,
  softmaxCrossEntropy,
  valueAndGrad,
} from "../../src/index.ts";
import type { Initialiser } from "../../src/cells/cell.ts";
import { integers, uniform } from "./numbers.ts";

const small: Initialiser = (shape) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i % 7) - 3) / 8);
const zero: Initialiser = (shape) => new Float32Array(shape.reduce((a, b) => a * b, 1));

export interface Model {
  readonly conv: { readonly weight: Parameter; readonly bias: Parameter };
  readonly dense: { readonly weight: Parameter };
  readonly steps: State;
}

export function smallModel(): Model {
  return {
    conv: { weight: new Parameter([2, 1, 3, 3], small), bias: new Parameter([2], zero) },
    dense: { weight: new Parameter([18, 3], small) },
    steps: new State([], zero),
  };
}

export function lossOf(model: Model, x: Tensor, labels: Tensor): Tensor {
  const features = maxPool(relu(conv(x, model.conv.weight, { bias: model.conv.bias, padding: 1 })), 2);
  return mean(softmaxCrossEntropy(reshape(features, [x.shape[0] ?? 0, -1]).matmul(model.dense.weight), labels));
}

/** One step of gradient descent on all parameters, counted by a state. */
export function descent(model: Model, options: CompileOptions = {}): CompiledFunction<[Tensor, Tensor], Tensor> {
  return compile((x: Tensor, labels: Tensor) => {
    const { value, grads } = valueAndGrad(model, (m) => lossOf(m, x, labels));
    for (const [path, cell] of Object.entries({
      "conv.weight": model.conv.weight,
      "conv.bias": model.conv.bias,
      "dense.weight": model.dense.weight,
    })) {
      const gradient = grads.get(path);
      if (gradient) cell.set(cell.value.sub(gradient.mul(0.1)));
    }
    model.steps.set(model.steps.value.add(1));
    return value;
  }, options);
}

export function batch(): { x: Tensor; labels: Tensor } {
  return { x: uniform([4, 1, 6, 6], 1), labels: integers([4], 2, 0, 3) };
}
