// Activation functions by name, as an option of other layers and as layers of their own.
import {
  AttributeError,
  type Tensor,
  isTensor,
  relu as rectified,
  sigmoid as logistic,
  tanh as hyperbolicTangent,
} from "@stria/core";
import { wordOf } from "./check-options.ts";
import { Module, inLayer } from "./module.ts";

/** A function that acts on every element, by name or as a function of a tensor. */
export type Activation = "identity" | "relu" | "sigmoid" | "tanh" | ((x: Tensor) => Tensor);

const named: Readonly<Record<Extract<Activation, string>, (x: Tensor) => Tensor>> = {
  identity: (x) => x,
  relu: rectified,
  sigmoid: logistic,
  tanh: hyperbolicTangent,
};

function refuseLayer(layer: string, what: string): never {
  throw new AttributeError(
    layer,
    `activation is ${what}`,
    `give a name (${Object.keys(named)
      .map((name) => `"${name}"`)
      .join(", ")}) or a function from tensor to tensor, such as gelu; or put the layer behind this one`,
  );
}

/** @throws AttributeError for what is no activation: another word, a layer, or what makes one. */
export function checkActivation(layer: string, activation: Activation): void {
  const given: unknown = activation;
  if (given instanceof Module) refuseLayer(layer, `the layer ${given.constructor.name}`);
  if (typeof given !== "function") return void wordOf(layer, "activation", given, named);
  if (given.prototype instanceof Module) refuseLayer(layer, `the class ${given.name}`);
  const makers: readonly unknown[] = [relu, tanh, sigmoid];
  if (makers.includes(given)) refuseLayer(layer, `the function ${given.name}, which makes a layer`);
}

/** Applies an activation that {@link checkActivation} let pass. @throws AttributeError where a function gives no tensor. */
export function activate(x: Tensor, activation: Activation): Tensor {
  const y = typeof activation === "function" ? activation(x) : named[activation](x);
  const given: unknown = y;
  if (!isTensor(given)) refuseLayer("activation", "a function that gives no tensor");
  return y;
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
