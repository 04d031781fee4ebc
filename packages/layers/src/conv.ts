// Convolution layers over 1, 2 and 3 spatial axes.
import {
  AttributeError,
  type Initialiser,
  type Padding,
  type PaddingLike,
  Parameter,
  type PerAxis,
  type Tensor,
  at,
  conv,
  sizeOf,
} from "@stria/core";
import { type Activation, activate, checkActivation } from "./activation.ts";
import { type ConvolutionEntry, byChannels } from "./by-channels.ts";
import { checkGroups, checkPadding, checkSizes, kernelSizes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import { defaultBias, defaultWeight } from "./initialisers.ts";
import { Module, inLayer } from "./module.ts";
import { type PaddingMode, checkPaddingMode, padLast } from "./padding.ts";

export interface ConvLayerOptions {
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Numbers, [before, after] for each axis, or "same", "valid", "causal". Default 0. */
  readonly padding?: PaddingLike;
  /** What the padding holds. Default "zeros". */
  readonly paddingMode?: PaddingMode;
  /** Distance between the kernel's elements. Default 1. */
  readonly dilation?: PerAxis;
  /** Channels are split into so many independent groups. Default 1. */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Applied to the result. Default none. */
  readonly activation?: Activation;
  /** Default: PyTorch's, uniform within 1 / sqrt(fanIn). */
  readonly weightInitialiser?: Initialiser;
  /** Default: PyTorch's, uniform within 1 / sqrt(fanIn). */
  readonly biasInitialiser?: Initialiser;
}

/** @internal What all convolution layers share. */
export abstract class Convolution extends Module {
  readonly kind: string;
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly stride: PerAxis;
  readonly padding: PaddingLike;
  readonly paddingMode: PaddingMode;
  readonly dilation: PerAxis;
  readonly groups: number;
  readonly activation: Activation;

  constructor(
    kind: string,
    spatialAxes: number,
    inChannels: number,
    outChannels: number,
    kernel: PerAxis,
    options: ConvLayerOptions,
  ) {
    super();
    this.kind = kind;
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, activation = "identity" } = options;
    const { paddingMode = "zeros", weightInitialiser = defaultWeight } = options;
    const known = { stride, padding, paddingMode, dilation, groups, bias, activation, weightInitialiser };
    checkOptions(kind, options, { ...known, biasInitialiser: undefined });
    checkActivation(kind, activation);
    checkPaddingMode(kind, paddingMode);
    const sizes = kernelSizes(kind, kernel, spatialAxes);
    kernelSizes(kind, stride, spatialAxes, "stride");
    kernelSizes(kind, dilation, spatialAxes, "dilation");
    checkPadding(kind, padding, spatialAxes);
    checkSizes(kind, { inChannels, outChannels, groups });
    checkGroups(kind, inChannels, outChannels, groups);
    const shape = [outChannels, inChannels / groups, ...sizes];
    const { biasInitialiser = defaultBias(sizeOf(shape.slice(1))) } = options;
    this.weight = new Parameter(shape, weightInitialiser);
    this.bias = bias ? new Parameter([outChannels], biasInitialiser) : null;
    this.stride = stride;
    this.padding = padding;
    this.paddingMode = paddingMode;
    this.dilation = dilation;
    this.groups = groups;
    this.activation = activation;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, this.kind, () => activate(this.#convolve(x), this.activation));
  }

  #convolve(x: Tensor): Tensor {
    const { weight, bias, stride, dilation, groups } = this;
    const options = { stride, dilation, groups, ...(bias && { bias }) };
    if (this.paddingMode === "zeros") return conv(x, weight, { ...options, padding: this.padding });
    return conv(padLast(x, this.#pairs(), { mode: this.paddingMode }), weight, options);
  }

  /** [before, after] for each spatial axis. */
  #pairs(): Padding {
    const { padding, dilation, stride } = this;
    const word = typeof padding === "string" ? padding : undefined;
    if ((word === "same" || word === "causal") && perAxisOf(stride).some((step) => step !== 1))
      throw new AttributeError(
        this.kind,
        `padding "${word}" keeps the size only at stride 1`,
        "give the padding in numbers",
      );
    return this.weight.shape.slice(2).map((length, axis) => {
      const total = (typeof dilation === "number" ? dilation : at(dilation, axis)) * (length - 1);
      if (word === "causal") return [total, 0];
      if (word === "same") return [Math.floor(total / 2), Math.ceil(total / 2)];
      const entry = typeof padding === "number" ? padding : typeof padding === "string" ? 0 : (padding[axis] ?? 0);
      return typeof entry === "number" ? [entry, entry] : entry;
    });
  }
}

function perAxisOf(value: PerAxis): readonly number[] {
  return typeof value === "number" ? [value] : value;
}

/** Convolution over one axis: [N, inChannels, length] -> [N, outChannels, length']. Parameters as in {@link Conv2d}. */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvLayerOptions = {}) {
    super("Conv1d", 1, inChannels, outChannels, kernel, options);
  }
}

/**
 * Convolution (cross-correlation) of images: [N, inChannels, H, W] -> [N, outChannels, H', W'], where
 * H' = floor((H + before + after - dilation (kernel - 1) - 1) / stride) + 1.
 *
 * Parameters: `weight` [outChannels, inChannels / groups, ...kernel] and `bias` [outChannels].
 * @throws AttributeError for sizes below 1 and channels that do not divide into the groups; `forward` ShapeError for an input that does not fit.
 * @example new Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvLayerOptions = {}) {
    super("Conv2d", 2, inChannels, outChannels, kernel, options);
  }
}

/** Convolution of volumes: [N, inChannels, D, H, W] -> [N, outChannels, D', H', W']. Parameters as in {@link Conv2d}. */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvLayerOptions = {}) {
    super("Conv3d", 3, inChannels, outChannels, kernel, options);
  }
}

/** A {@link Conv1d} for `sequential`, which works its input channels out. */
export const conv1d: ConvolutionEntry<ConvLayerOptions> = /* @__PURE__ */ byChannels(Conv1d);

/** A {@link Conv2d} for `sequential`, which works its input channels out. */
export const conv2d: ConvolutionEntry<ConvLayerOptions> = /* @__PURE__ */ byChannels(Conv2d);

/** A {@link Conv3d} for `sequential`, which works its input channels out. */
export const conv3d: ConvolutionEntry<ConvLayerOptions> = /* @__PURE__ */ byChannels(Conv3d);
