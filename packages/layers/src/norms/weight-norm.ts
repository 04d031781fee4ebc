// Weight normalisation: a layer's weight as a length and a direction.
import {
  AttributeError,
  type Cell,
  Parameter,
  type Tensor,
  div,
  isCell,
  mul,
  sizeOf,
  sqrt,
  square,
  sum,
} from "@stria/core";
import { range } from "../axes.ts";
import { checkOptions } from "../check-options.ts";
import { type Layer, type LayerFactory, Module, inLayer } from "../module.ts";

export interface WeightNormOptions {
  /** Along this axis of the weight each entry has a length of its own; null: one length for all. Default 0, the outputs. */
  readonly axis?: number | null;
}

/** A layer with a weight. */
type Weighted = Module & { readonly weight: Parameter };

function isWeighted(layer: Layer): layer is Weighted {
  return "weight" in layer && layer.weight instanceof Parameter;
}

/** The lengths of `data`, of `shape`, over all axes but `axis`. */
function lengths(data: ArrayLike<number>, shape: readonly number[], axis: number | null): Float32Array {
  const inner = axis === null ? sizeOf(shape) : sizeOf(shape.slice(axis + 1));
  const sums = new Float64Array(axis === null ? 1 : (shape[axis] ?? 1));
  for (const place of range(data.length)) {
    const entry = Math.floor(place / inner) % sums.length;
    sums[entry] = (sums[entry] ?? 0) + (data[place] ?? 0) ** 2;
  }
  return Float32Array.from(sums, Math.sqrt);
}

/**
 * A layer whose weight is `weight_g` v / |v| with v = `weight_v` (Salimans & Kingma 2016): its length and its direction are learned apart. At first it is
 * the layer as it was. Parameters: those of the layer, but `weight_g` and `weight_v` in place of `weight`, as PyTorch's `weight_norm` names them.
 * @throws AttributeError for a layer without a weight, or without that axis.
 */
export class WeightNorm extends Module {
  readonly weight_g: Parameter;
  readonly weight_v: Parameter;
  readonly axis: number | null;
  readonly kind: string;
  readonly #layer: Weighted;

  constructor(layer: Layer, options: WeightNormOptions = {}) {
    super();
    const { axis = 0 } = options;
    checkOptions("WeightNorm", options, { axis });
    if (!isWeighted(layer))
      throw new AttributeError("WeightNorm", "the layer has no parameter named weight", "give a convolution or Linear");
    const { weight } = layer;
    if (axis !== null && !(Number.isInteger(axis) && axis >= 0 && axis < weight.shape.length))
      throw new AttributeError(
        "WeightNorm",
        `the weight has no axis ${axis}`,
        `use null, or 0 to ${weight.shape.length - 1}`,
      );
    this.kind = `WeightNorm(${layer.constructor.name})`;
    const others: Record<string, Cell> = {};
    for (const name of Object.keys(layer)) {
      const value: unknown = Reflect.get(layer, name);
      if (name !== "weight" && isCell(value)) others[name] = value;
    }
    Object.assign(this, others);
    this.weight_g = new Parameter(
      axis === null ? [] : weight.shape.map((length, index) => (index === axis ? length : 1)),
      () => {
        const data = weight.hostData;
        if (!data)
          throw new AttributeError(
            "WeightNorm",
            "the weight is on a device already, and its length is not known",
            "wrap the layer before it is used, or load weight_g",
          );
        return lengths(data, weight.shape, axis);
      },
    );
    this.weight_v = weight;
    this.axis = axis;
    this.#layer = layer;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, this.kind, () => {
      const g = this.weight_g.value; // first: its first value is the length of v's
      const v = this.weight_v.value;
      const others = range(v.rank).filter((axis) => axis !== this.axis);
      const length = sqrt(sum(square(v), others, { keepDims: this.axis !== null }));
      return this.weight_v.standIn(mul(v, div(g, length)), () => this.#layer.forward(x));
    });
  }
}

/** A {@link WeightNorm} around a layer, or around what a factory makes for `sequential`. */
export function weightNorm(layer: Layer, options?: WeightNormOptions): WeightNorm;
export function weightNorm(layer: LayerFactory, options?: WeightNormOptions): LayerFactory;
export function weightNorm(layer: Layer | LayerFactory, options: WeightNormOptions = {}): WeightNorm | LayerFactory {
  if (typeof layer !== "function") return new WeightNorm(layer, options);
  return (input) => new WeightNorm(layer(input), options);
}
