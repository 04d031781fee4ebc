// The dense layer.
import { AttributeError, type Initialiser, Parameter, type Tensor, add, matmul, showShape } from "@stria/core";
import { type Activation, activate, checkActivation } from "./activation.ts";
import { checkSizes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import { defaultBias, defaultWeight } from "./initialisers.ts";
import { type LayerFactory, Module, inLayer } from "./module.ts";

export interface LinearOptions {
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Applied to the result. Default none. */
  readonly activation?: Activation;
  /** Default: PyTorch's, uniform within 1 / sqrt(inFeatures). */
  readonly weightInitialiser?: Initialiser;
  /** Default: PyTorch's, uniform within 1 / sqrt(inFeatures). */
  readonly biasInitialiser?: Initialiser;
}

/**
 * A dense layer: x [..., inFeatures] -> x weight' + bias [..., outFeatures].
 *
 * Parameters: `weight` [outFeatures, inFeatures] and `bias` [outFeatures].
 * @throws AttributeError for sizes below 1; `forward` ShapeError for an input that does not fit.
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly activation: Activation;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkSizes("Linear", { inFeatures, outFeatures });
    const { bias = true, activation = "identity", weightInitialiser = defaultWeight } = options;
    checkOptions("Linear", options, { bias, activation, weightInitialiser, biasInitialiser: undefined });
    checkActivation("Linear", activation);
    const { biasInitialiser = defaultBias(inFeatures) } = options;
    this.weight = new Parameter([outFeatures, inFeatures], weightInitialiser);
    this.bias = bias ? new Parameter([outFeatures], biasInitialiser) : null;
    this.activation = activation;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Linear", () => {
      const product = matmul(x, this.weight, { transposeB: true });
      return activate(this.bias ? add(product, this.bias) : product, this.activation);
    });
  }
}

/** A {@link Linear} for `sequential`, which works its input size out. @throws AttributeError where the input is not flat. */
export function dense(outFeatures: number, options: LinearOptions = {}): LayerFactory {
  return (input) => {
    const [inFeatures] = input;
    if (inFeatures === undefined || input.length !== 1)
      throw new AttributeError("dense", `its input is ${showShape(input)} for each example`, "put flatten() before it");
    return new Linear(inFeatures, outFeatures, options);
  };
}
