// Convolutions with a structure: depthwise, separable, causal.
import { type PerAxis, type Tensor, at } from "@stria/core";
import { type ConvolutionEntry, byChannels } from "./by-channels.ts";
import { channelsOf, checkSizes, kernelSizes } from "./check.ts";
import { type ConvLayerOptions, Conv1d, Conv2d, Convolution } from "./conv.ts";
import { type LayerFactory, Module } from "./module.ts";

export interface DepthwiseOptions extends Omit<ConvLayerOptions, "groups"> {
  /** Filters for each channel. Default 1. */
  readonly multiplier?: number;
}

/** Depthwise convolution over one axis. As {@link DepthwiseConv2d}. */
export class DepthwiseConv1d extends Convolution {
  constructor(channels: number, kernel: PerAxis, { multiplier = 1, ...options }: DepthwiseOptions = {}) {
    checkSizes("DepthwiseConv1d", { channels, multiplier });
    super("DepthwiseConv1d", 1, channels, channels * multiplier, kernel, { ...options, groups: channels });
  }
}

/**
 * Every channel is convolved by itself: [N, channels, H, W] -> [N, channels * multiplier, H', W']. The filters of channel c follow each other.
 * Parameters: `weight` [channels * multiplier, 1, ...kernel] and `bias`.
 * @throws as {@link Conv2d}.
 */
export class DepthwiseConv2d extends Convolution {
  constructor(channels: number, kernel: PerAxis, { multiplier = 1, ...options }: DepthwiseOptions = {}) {
    checkSizes("DepthwiseConv2d", { channels, multiplier });
    super("DepthwiseConv2d", 2, channels, channels * multiplier, kernel, { ...options, groups: channels });
  }
}

/** Depthwise convolution of volumes. As {@link DepthwiseConv2d}. */
export class DepthwiseConv3d extends Convolution {
  constructor(channels: number, kernel: PerAxis, { multiplier = 1, ...options }: DepthwiseOptions = {}) {
    checkSizes("DepthwiseConv3d", { channels, multiplier });
    super("DepthwiseConv3d", 3, channels, channels * multiplier, kernel, { ...options, groups: channels });
  }
}

export interface SeparableOptions extends DepthwiseOptions {
  /** Between the two convolutions. Default none. */
  readonly between?: ConvLayerOptions["activation"];
}

/** Separable convolution over one axis. As {@link SeparableConv2d}. */
export class SeparableConv1d extends Module {
  readonly depthwise: DepthwiseConv1d;
  readonly pointwise: Conv1d;

  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: SeparableOptions = {}) {
    super();
    const { activation = "identity", between = "identity", bias = true, ...rest } = options;
    this.depthwise = new DepthwiseConv1d(inChannels, kernel, { ...rest, bias, activation: between });
    this.pointwise = new Conv1d(inChannels * (options.multiplier ?? 1), outChannels, 1, { bias, activation });
  }

  override forward(x: Tensor): Tensor {
    return this.pointwise.forward(this.depthwise.forward(x));
  }
}

/**
 * A depthwise convolution, then a 1x1 convolution across the channels: [N, inChannels, H, W] -> [N, outChannels, H', W'] (Sifre 2014; Chollet
 * 2017), with inChannels (kernel + outChannels) weights instead of inChannels outChannels kernel. Children: `depthwise`, `pointwise`.
 * @throws as {@link Conv2d}.
 */
export class SeparableConv2d extends Module {
  readonly depthwise: DepthwiseConv2d;
  readonly pointwise: Conv2d;

  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: SeparableOptions = {}) {
    super();
    const { activation = "identity", between = "identity", bias = true, ...rest } = options;
    this.depthwise = new DepthwiseConv2d(inChannels, kernel, { ...rest, bias, activation: between });
    this.pointwise = new Conv2d(inChannels * (options.multiplier ?? 1), outChannels, 1, { bias, activation });
  }

  override forward(x: Tensor): Tensor {
    return this.pointwise.forward(this.depthwise.forward(x));
  }
}

/**
 * Convolution over time that sees the present and the past only (van den Oord et al. 2016): [N, inChannels, time] -> [N, outChannels, time'].
 * dilation (kernel - 1) zeros stand before the first element; with stride 1 the length stays. Parameters as in {@link Conv1d}.
 * @throws as {@link Conv1d}.
 */
export class CausalConv1d extends Convolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernel: number,
    options: Omit<ConvLayerOptions, "padding" | "paddingMode"> = {},
  ) {
    const { dilation = 1 } = options;
    const spread = at(kernelSizes("CausalConv1d", dilation, 1, "dilation"), 0);
    checkSizes("CausalConv1d", { kernel });
    super("CausalConv1d", 1, inChannels, outChannels, kernel, { ...options, padding: [[spread * (kernel - 1), 0]] });
  }
}

/** A {@link DepthwiseConv1d} for `sequential`, which works its channels out. */
export function depthwiseConv1d(kernel: PerAxis, options: DepthwiseOptions = {}): LayerFactory {
  return (input) => new DepthwiseConv1d(channelsOf(input), kernel, options);
}

/** A {@link DepthwiseConv2d} for `sequential`, which works its channels out. */
export function depthwiseConv2d(kernel: PerAxis, options: DepthwiseOptions = {}): LayerFactory {
  return (input) => new DepthwiseConv2d(channelsOf(input), kernel, options);
}

/** A {@link DepthwiseConv3d} for `sequential`, which works its channels out. */
export function depthwiseConv3d(kernel: PerAxis, options: DepthwiseOptions = {}): LayerFactory {
  return (input) => new DepthwiseConv3d(channelsOf(input), kernel, options);
}

/** A {@link SeparableConv1d} for `sequential`, which works its input channels out. */
export const separableConv1d: ConvolutionEntry<SeparableOptions> = /* @__PURE__ */ byChannels(SeparableConv1d);

/** A {@link SeparableConv2d} for `sequential`, which works its input channels out. */
export const separableConv2d: ConvolutionEntry<SeparableOptions> = /* @__PURE__ */ byChannels(SeparableConv2d);

/** A {@link CausalConv1d} for `sequential`, which works its input channels out. */
export function causalConv1d(
  outChannels: number,
  kernel: number,
  options: Omit<ConvLayerOptions, "padding" | "paddingMode"> = {},
): LayerFactory {
  return (input) => new CausalConv1d(channelsOf(input), outChannels, kernel, options);
}
