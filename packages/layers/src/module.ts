// The base of all layers and models: a class with plain fields. The path to a parameter through the fields is its state-dict key.
import { type Shape, type Tensor, atSite, modulePath, moduleBrand } from "@stria/core";

/**
 * A layer or a model. Parameters, state and child modules are found by walking the fields (arrays and plain objects too), in the order in which
 * the class declares them; their paths (`layer1.0.conv1.weight`) are the keys of the state dict.
 *
 * `Inputs` and `Output` are those of `forward`: by default one tensor and one tensor.
 * @example
 * class Net extends Module {
 *   readonly conv = new Conv2d(1, 8, 3);
 *   readonly fc = new Linear(8 * 26 * 26, 10);
 *   override forward(x: Tensor): Tensor {
 *     return this.fc.forward(flatten(relu(this.conv.forward(x)), 1));
 *   }
 * }
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Output is for subclasses and for what takes a Module
export abstract class Module<Inputs extends readonly unknown[] = [Tensor], Output = Tensor> {
  constructor() {
    Object.defineProperty(this, moduleBrand, { value: true }); // not enumerable: no field that a walk would see
  }

  /** What the module computes. It is called inside traces, so it must be synchronous and must not read tensors. */
  abstract forward(...inputs: Inputs): Output;
}

/** A layer in a list: from one tensor to one tensor, or, as recurrent layers, to a result whose `output` goes on. */
export type Layer = Module | Module<[x: Tensor], { readonly output: Tensor }>;

/** Makes a layer for inputs of a shape, given without the batch axis: `[channels, height, width]` or `[features]`. */
export type LayerFactory = (input: Shape) => Layer;

/** The path of a layer in its model, or its kind before any walk has found it: what to call it in errors. */
export function placeOf(layer: object, kind: string): string {
  return modulePath(layer) ?? kind;
}

/** Runs the ops of a layer without children: their nodes and their errors carry the layer's path. */
export function inLayer<T>(layer: object, kind: string, f: () => T): T {
  return atSite(placeOf(layer, kind), f);
}
