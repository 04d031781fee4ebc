// Convolution, batch normalisation, ReLU under the names that torchvision's GoogLeNet and Inception have for them.
import { type PerAxis, type Tensor, relu } from "@stria/core";
import { BatchNorm2d, Conv2d, type ConvLayerOptions, Module, initialisers } from "@stria/layers";

export interface BasicConvOptions extends Pick<ConvLayerOptions, "stride" | "padding"> {
  /** Of the first weights. Default 0.1. */
  readonly deviation?: number;
}

/** [N, inChannels, H, W] -> [N, outChannels, H', W']. The convolution has no bias. */
export class BasicConv extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: BasicConvOptions = {}) {
    super();
    const { deviation = 0.1, ...rest } = options;
    const weightInitialiser = initialisers.truncatedNormal(0, deviation);
    this.conv = new Conv2d(inChannels, outChannels, kernel, { ...rest, bias: false, weightInitialiser });
    this.bn = new BatchNorm2d(outChannels, { epsilon: 0.001 });
  }

  override forward(x: Tensor): Tensor {
    return relu(this.bn.forward(this.conv.forward(x)));
  }
}
