// The bilinear layer: a product of two inputs.
import {
  Parameter,
  ShapeError,
  type Tensor,
  add,
  at,
  matmul,
  mul,
  reshape,
  sameShape,
  showShape,
  sizeOf,
  sum,
  transpose,
} from "@stria/core";
import { checkSizes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import { defaultBias } from "./initialisers.ts";
import { Module, inLayer } from "./module.ts";

export interface BilinearOptions {
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
}

/**
 * a [..., firstFeatures] and b [..., secondFeatures] -> [..., outFeatures]: output k is a' W_k b + bias_k.
 * Parameters: `weight` [outFeatures, firstFeatures, secondFeatures] and `bias` [outFeatures], uniform within 1 / sqrt(firstFeatures) as in PyTorch.
 * @throws AttributeError for sizes below 1; `forward` ShapeError for inputs that do not fit.
 */
export class Bilinear extends Module<[a: Tensor, b: Tensor]> {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(firstFeatures: number, secondFeatures: number, outFeatures: number, options: BilinearOptions = {}) {
    super();
    const { bias = true } = options;
    checkOptions("Bilinear", options, { bias });
    checkSizes("Bilinear", { firstFeatures, secondFeatures, outFeatures });
    const initialise = defaultBias(firstFeatures);
    this.weight = new Parameter([outFeatures, firstFeatures, secondFeatures], initialise);
    this.bias = bias ? new Parameter([outFeatures], initialise) : null;
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return inLayer(this, "Bilinear", () => {
      const [outputs = 0, first = 0, second = 0] = this.weight.shape;
      const leading = a.shape.slice(0, -1);
      if (a.shape.at(-1) !== first || b.shape.at(-1) !== second || !sameShape(leading, b.shape.slice(0, -1)))
        throw new ShapeError(
          "Bilinear",
          `the inputs are ${showShape(a.shape)} and ${showShape(b.shape)}`,
          `give [..., ${first}] and [..., ${second}] with the same axes before`,
        );
      const rows = sizeOf(leading);
      const matrix = reshape(transpose(this.weight, [1, 0, 2]), [first, outputs * second]);
      const left = reshape(matmul(reshape(a, [rows, first]), matrix), [rows, outputs, second]);
      const product = sum(mul(left, reshape(b, [rows, 1, second])), -1);
      const y = reshape(product, [...leading, at(this.weight.shape, 0)]);
      return this.bias ? add(y, this.bias) : y;
    });
  }
}
