// Convolution layers over 1, 2 and 3 spatial axes.
import {
  AttributeError,
  type Initialiser,
  type PaddingLike,
  Parameter,
  type PerAxis,
  type Shape,
  type Tensor,
  conv,
  sizeOf,
} from "@stria/core";
import { type Activation, activate } from "./activation.ts";
import { checkSizes } from "./check.ts";
import { defaultBias, defaultWeight } from "./initialisers.ts";
import { type LayerFactory, Module, inLayer } from "./module.ts";

export interface ConvLayerOptions {
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Numbers, [before, after] for each axis, or "same", "valid", "causal". Default 0. */
  readonly padding?: PaddingLike;
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

abstract class Convolution extends Module {
  readonly kind: string;
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly stride: PerAxis;
  readonly padding: PaddingLike;
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
    const { weightInitialiser = defaultWeight } = options;
    const sizes = typeof kernel === "number" ? Array.from({ length: spatialAxes }, () => kernel) : kernel;
    if (sizes.length !== spatialAxes)
      throw new AttributeError(kind, `the kernel has ${sizes.length} axes`, `give one number, or ${spatialAxes}`);
    checkSizes(kind, { inChannels, outChannels, groups });
    for (const size of sizes) checkSizes(kind, { kernel: size });
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new AttributeError(
        kind,
        `${inChannels} input and ${outChannels} output channels do not divide into ${groups} groups`,
        "make both multiples of groups",
      );
    const shape = [outChannels, inChannels / groups, ...sizes];
    const { biasInitialiser = defaultBias(sizeOf(shape.slice(1))) } = options;
    this.weight = new Parameter(shape, weightInitialiser);
    this.bias = bias ? new Parameter([outChannels], biasInitialiser) : null;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
    this.activation = activation;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    return inLayer(this, this.kind, () =>
      activate(conv(x, weight, { stride, padding, dilation, groups, ...(bias && { bias }) }), this.activation),
    );
  }
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

function channelsOf(input: Shape): number {
  return input[0] ?? 0;
}

/** A {@link Conv1d} for `sequential`, which works its input channels out. */
export function conv1d(outChannels: number, kernel: PerAxis, options: ConvLayerOptions = {}): LayerFactory {
  return (input) => new Conv1d(channelsOf(input), outChannels, kernel, options);
}

/** A {@link Conv2d} for `sequential`, which works its input channels out. */
export function conv2d(outChannels: number, kernel: PerAxis, options: ConvLayerOptions = {}): LayerFactory {
  return (input) => new Conv2d(channelsOf(input), outChannels, kernel, options);
}

/** A {@link Conv3d} for `sequential`, which works its input channels out. */
export function conv3d(outChannels: number, kernel: PerAxis, options: ConvLayerOptions = {}): LayerFactory {
  return (input) => new Conv3d(channelsOf(input), outChannels, kernel, options);
}
