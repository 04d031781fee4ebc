// Activation functions by name, as an option of other layers and as layers of their own.
import { type Tensor, relu, sigmoid, tanh } from "@stria/core";
import { Module, inLayer } from "./module.ts";

/** A function that acts on every element, by name or as a function of a tensor. */
export type Activation = "identity" | "relu" | "sigmoid" | "tanh" | ((x: Tensor) => Tensor);

const named: Readonly<Record<Extract<Activation, string>, (x: Tensor) => Tensor>> = {
  identity: (x) => x,
  relu,
  sigmoid,
  tanh,
};

/** Applies an activation. */
export function activate(x: Tensor, activation: Activation): Tensor {
  return typeof activation === "function" ? activation(x) : named[activation](x);
}

/** max(x, 0), element by element, of any shape. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "ReLU", () => relu(x));
  }
}

/** The hyperbolic tangent, element by element, of any shape. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Tanh", () => tanh(x));
  }
}

/** 1 / (1 + exp(-x)), element by element, of any shape. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Sigmoid", () => sigmoid(x));
  }
}

/** Its input. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}
