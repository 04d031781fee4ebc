// Activation functions by name, as an option of other layers and as layers of their own.
import { type Tensor, relu as rectified, sigmoid as logistic, tanh as hyperbolicTangent } from "@stria/core";
import { Module, inLayer } from "./module.ts";

/** A function that acts on every element, by name or as a function of a tensor. */
export type Activation = "identity" | "relu" | "sigmoid" | "tanh" | ((x: Tensor) => Tensor);

const named: Readonly<Record<Extract<Activation, string>, (x: Tensor) => Tensor>> = {
  identity: (x) => x,
  relu: rectified,
  sigmoid: logistic,
  tanh: hyperbolicTangent,
};

/** Applies an activation. */
export function activate(x: Tensor, activation: Activation): Tensor {
  return typeof activation === "function" ? activation(x) : named[activation](x);
}

/** max(x, 0), element by element, of any shape. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "ReLU", () => rectified(x));
  }
}

/** The hyperbolic tangent, element by element, of any shape. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Tanh", () => hyperbolicTangent(x));
  }
}

/** 1 / (1 + exp(-x)), element by element, of any shape. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Sigmoid", () => logistic(x));
  }
}

/** Its input. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** A {@link ReLU}. */
export function relu(): ReLU {
  return new ReLU();
}

/** A {@link Tanh}. */
export function tanh(): Tanh {
  return new Tanh();
}

/** A {@link Sigmoid}. */
export function sigmoid(): Sigmoid {
  return new Sigmoid();
}
