// Transposed convolution layers over 1, 2 and 3 spatial axes.
import {
  type Initialiser,
  type PaddingLike,
  Parameter,
  type PerAxis,
  type Tensor,
  convTranspose,
  sizeOf,
} from "@stria/core";
import { type Activation, activate, checkActivation } from "./activation.ts";
import { type ConvolutionEntry, byChannels } from "./by-channels.ts";
import { checkGroups, checkSizes, kernelSizes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import { defaultBias, defaultWeight } from "./initialisers.ts";
import { Module, inLayer } from "./module.ts";

export interface ConvTransposeLayerOptions {
  /** Zeros are put between the input's elements so that they are this far apart. Default 1. */
  readonly stride?: PerAxis;
  /** Taken away from the output's borders. Default 0. */
  readonly padding?: PaddingLike;
  /** Added to the output's end, to choose among the sizes that a convolution maps to one. Default 0. */
  readonly outputPadding?: PerAxis;
  /** Distance between the kernel's elements. Default 1. */
  readonly dilation?: PerAxis;
  /** Channels are split into so many independent groups. Default 1. */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Applied to the result. Default none. */
  readonly activation?: Activation;
  /** Default: PyTorch's, uniform within 1 / sqrt(outChannels / groups * kernel). */
  readonly weightInitialiser?: Initialiser;
  /** Default: as the weight's. */
  readonly biasInitialiser?: Initialiser;
}

abstract class TransposedConvolution extends Module {
  readonly kind: string;
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly stride: PerAxis;
  readonly padding: PaddingLike;
  readonly outputPadding: PerAxis;
  readonly dilation: PerAxis;
  readonly groups: number;
  readonly activation: Activation;

  constructor(
    kind: string,
    spatialAxes: number,
    inChannels: number,
    outChannels: number,
    kernel: PerAxis,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    this.kind = kind;
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
    const { bias = true, activation = "identity", weightInitialiser = defaultWeight } = options;
    const known = { stride, padding, outputPadding, dilation, groups, bias, activation, weightInitialiser };
    checkOptions(kind, options, { ...known, biasInitialiser: undefined });
    checkActivation(kind, activation);
    checkSizes(kind, { inChannels, outChannels, groups });
    const sizes = kernelSizes(kind, kernel, spatialAxes);
    kernelSizes(kind, stride, spatialAxes, "stride");
    kernelSizes(kind, dilation, spatialAxes, "dilation");
    checkGroups(kind, inChannels, outChannels, groups);
    const shape = [inChannels, outChannels / groups, ...sizes];
    const { biasInitialiser = defaultBias(sizeOf(shape.slice(1))) } = options;
    this.weight = new Parameter(shape, weightInitialiser);
    this.bias = bias ? new Parameter([outChannels], biasInitialiser) : null;
    this.stride = stride;
    this.padding = padding;
    this.outputPadding = outputPadding;
    this.dilation = dilation;
    this.groups = groups;
    this.activation = activation;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, outputPadding, dilation, groups } = this;
    const options = { stride, padding, outputPadding, dilation, groups, ...(bias && { bias }) };
    return inLayer(this, this.kind, () => activate(convTranspose(x, weight, options), this.activation));
  }
}

/** Transposed convolution over one axis: [N, inChannels, length] -> [N, outChannels, length']. Parameters as in {@link ConvTranspose2d}. */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super("ConvTranspose1d", 1, inChannels, outChannels, kernel, options);
  }
}

/**
 * Transposed convolution of images: [N, inChannels, H, W] -> [N, outChannels, H', W'], where
 * H' = (H - 1) stride - before - after + dilation (kernel - 1) + 1 + outputPadding. It is the gradient of a convolution by its input, used to
 * enlarge (Zeiler et al. 2010; Long, Shelhamer & Darrell 2015).
 *
 * Parameters: `weight` [inChannels, outChannels / groups, ...kernel] and `bias` [outChannels].
 * @throws AttributeError for sizes below 1 and channels that do not divide into the groups; `forward` ShapeError for an input that does not fit,
 * AttributeError for an output padding that is not below stride or dilation.
 */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super("ConvTranspose2d", 2, inChannels, outChannels, kernel, options);
  }
}

/** Transposed convolution of volumes: [N, inChannels, D, H, W] -> [N, outChannels, D', H', W']. Parameters as in {@link ConvTranspose2d}. */
export class ConvTranspose3d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernel: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super("ConvTranspose3d", 3, inChannels, outChannels, kernel, options);
  }
}

/** A {@link ConvTranspose1d} for `sequential`, which works its input channels out. */
export const convTranspose1d: ConvolutionEntry<ConvTransposeLayerOptions> = /* @__PURE__ */ byChannels(ConvTranspose1d);

/** A {@link ConvTranspose2d} for `sequential`, which works its input channels out. */
export const convTranspose2d: ConvolutionEntry<ConvTransposeLayerOptions> = /* @__PURE__ */ byChannels(ConvTranspose2d);

/** A {@link ConvTranspose3d} for `sequential`, which works its input channels out. */
export const convTranspose3d: ConvolutionEntry<ConvTransposeLayerOptions> = /* @__PURE__ */ byChannels(ConvTranspose3d);
