// Layers one after the other, with every size after the first worked out.
import {
  AttributeError,
  type DType,
  type Shape,
  type Tensor,
  at,
  atSite,
  evaluating,
  inferAval,
  isModule,
  isTensor,
} from "@stria/core";
import { checkOptions } from "./check-options.ts";
import { type Layer, type LayerFactory, Module } from "./module.ts";

/** What a layer passes on to the next. */
function outputOf(layer: Layer, x: Tensor): Tensor {
  const result = layer.forward(x);
  return isTensor(result) ? result : result.output;
}

/** Modules applied in turn. The children are its fields `0`, `1`, ..., so that keys are PyTorch's: `features.0.weight`. */
export class Sequential extends Module {
  readonly [index: number]: Layer;

  constructor(layers: readonly Layer[]) {
    super();
    Object.assign(this, layers);
  }

  get length(): number {
    return Object.keys(this).length;
  }

  /** The layers in their order. */
  *[Symbol.iterator](): Iterator<Layer> {
    for (let index = 0; index < this.length; index++) yield at(this, index);
  }

  override forward(x: Tensor): Tensor {
    let y = x;
    for (const layer of this) y = outputOf(layer, y);
    return y;
  }
}

function isEntry(entry: unknown): boolean {
  return typeof entry === "function" || isModule(entry);
}

export interface SequentialOptions {
  /** Shape of one input, without the batch axis. Needed where a layer's sizes are to be worked out. */
  readonly inputShape?: Shape;
  /** Its element type: int32 where the first layer takes indices. Default float32. */
  readonly inputDType?: DType;
}

/**
 * Layers applied one after the other; where an entry is a factory such as `conv2d(32, 5)`, its input size is worked out from what is before it.
 * @throws AttributeError when a size is to be worked out and `inputShape` is missing; ShapeError, naming the layer, when layers do not fit.
 * @example
 * sequential([conv2d(32, 5, { activation: "relu" }), maxPool2d(2), flatten(), dense(10)], { inputShape: [3, 32, 32] });
 */
export function sequential(entries: readonly (Layer | LayerFactory)[], options: SequentialOptions = {}): Sequential {
  const { inputShape, inputDType = "float32" } = options;
  const list: unknown = entries;
  if (!Array.isArray(list))
    throw new AttributeError("sequential", "the layers are no list", "pass one: sequential([conv2d(32, 5), ...])");
  checkOptions("sequential", options, { inputShape, inputDType });
  const layers: Layer[] = [];
  let shape = inputShape;
  let dtype = inputDType;
  for (const [index, entry] of entries.entries()) {
    const place = String(index);
    if (typeof entry === "function" && entry.prototype instanceof Module)
      throw new AttributeError("sequential", `entry ${index} is the class ${entry.name}`, "give an instance: new it");
    if (!isEntry(entry))
      throw new AttributeError(
        "sequential",
        `entry ${index} is ${typeof entry === "string" ? `"${String(entry)}"` : entry === null ? "null" : typeof entry}`,
        "give layers, relu() rather than its name, and factories such as conv2d(32, 5)",
      );
    if (typeof entry === "function" && shape === undefined)
      throw new AttributeError(
        "sequential",
        `the sizes of layer ${index} are to be worked out, and the shape of the input is not known`,
        "pass { inputShape: [channels, height, width] }",
      );
    const input = shape ?? [];
    const layer = typeof entry === "function" ? atSite(place, () => entry(input), { relative: true }) : entry;
    const made: unknown = layer;
    if (!isModule(made))
      throw new AttributeError(
        "sequential",
        `entry ${index} is a function that made no layer`,
        "call what makes one: conv2d(32, 5), relu()",
      );
    if (shape !== undefined) {
      const output = inferAval((x) => evaluating(() => atSite(place, () => outputOf(layer, x), { relative: true })), {
        shape: [1, ...shape],
        dtype,
      });
      shape = output.shape.slice(1);
      dtype = output.dtype;
    }
    layers.push(layer);
  }
  return new Sequential(layers);
}
