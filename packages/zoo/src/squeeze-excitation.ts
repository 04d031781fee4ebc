// Squeeze and excitation (Hu, Shen & Sun 2017): the means of all channels say how much of each goes on.
import { type Initialiser, type Tensor, mul } from "@stria/core";
import { AdaptiveAvgPool, Conv2d, Module, ReLU, Sigmoid } from "@stria/layers";
import { type ActivationClass, fanOut } from "./conv-norm-activation.ts";

export interface SqueezeExcitationOptions {
  /** After the squeezing layer. Default ReLU. */
  readonly activation?: ActivationClass;
  /** Makes factors from 0 to 1. Default the sigmoid. */
  readonly gate?: ActivationClass;
  /** Of both layers. Default PyTorch's. */
  readonly biasInitialiser?: Initialiser;
}

/** x [N, channels, H, W] times gate(fc2(activation(fc1(mean of x over H and W)))), where fc1 makes `squeezed` numbers of them. */
export class SqueezeExcitation extends Module {
  readonly pool: AdaptiveAvgPool = new AdaptiveAvgPool(1);
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;
  readonly activation: Module;
  readonly gate: Module;

  constructor(
    channels: number,
    squeezed: number,
    { activation: Activation = ReLU, gate: Gate = Sigmoid, biasInitialiser }: SqueezeExcitationOptions = {},
  ) {
    super();
    const settings = { weightInitialiser: fanOut, ...(biasInitialiser && { biasInitialiser }) };
    this.fc1 = new Conv2d(channels, squeezed, 1, settings);
    this.fc2 = new Conv2d(squeezed, channels, 1, settings);
    this.activation = new Activation();
    this.gate = new Gate();
  }

  override forward(x: Tensor): Tensor {
    const squeezed = this.activation.forward(this.fc1.forward(this.pool.forward(x)));
    return mul(x, this.gate.forward(this.fc2.forward(squeezed)));
  }
}
