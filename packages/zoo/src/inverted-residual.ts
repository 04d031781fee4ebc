// The inverted residual of MobileNetV3 and EfficientNet, where it is called MBConv: that of MobileNetV2 with squeeze and excitation.
import { type Tensor, add } from "@stria/core";
import { type BatchNormOptions, DropPath, Module, Sequential } from "@stria/layers";
import { type ActivationClass, convNormActivation } from "./conv-norm-activation.ts";
import type { SqueezeExcitation } from "./squeeze-excitation.ts";

export interface InvertedResidualOptions {
  readonly inChannels: number;
  /** Channels inside; where they are `inChannels`, nothing expands. */
  readonly expanded: number;
  readonly outChannels: number;
  /** Of the convolution inside, each channel by itself. */
  readonly kernel: number;
  readonly stride: number;
  /** Distance between the window's elements. Default 1; above, it stands in for the stride, and the maps keep their size. */
  readonly dilation?: number;
  readonly activation: ActivationClass;
  /** Between that convolution and the projection. Default nothing. */
  readonly excitation?: SqueezeExcitation | undefined;
  readonly batchNorm?: BatchNormOptions;
  /** Probability with which an example takes the shortcut alone in training. Default 0. */
  readonly dropPath?: number;
}

/** 1x1 to more channels, a window on each of them, 1x1 to fewer without an activation; around it a shortcut where the shape stays. */
export class InvertedResidual extends Module {
  readonly block: Sequential;
  readonly shortcut: boolean;
  readonly stochasticDepth: DropPath;

  constructor({ inChannels, expanded, outChannels, kernel, stride, excitation, ...options }: InvertedResidualOptions) {
    super();
    const { dilation = 1, activation, batchNorm = {}, dropPath = 0 } = options;
    const unit = { activation, batchNorm };
    this.shortcut = stride === 1 && inChannels === outChannels;
    this.block = new Sequential([
      ...(expanded === inChannels ? [] : [convNormActivation(inChannels, expanded, unit)]),
      convNormActivation(expanded, expanded, {
        ...unit,
        kernel,
        stride: dilation > 1 ? 1 : stride,
        dilation,
        groups: expanded,
      }),
      ...(excitation ? [excitation] : []),
      convNormActivation(expanded, outChannels, { batchNorm }),
    ]);
    this.stochasticDepth = new DropPath(dropPath);
  }

  override forward(x: Tensor): Tensor {
    const y = this.block.forward(x);
    return this.shortcut ? add(this.stochasticDepth.forward(y), x) : y;
  }
}
