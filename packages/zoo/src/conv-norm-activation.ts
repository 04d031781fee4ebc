// Convolution, batch normalisation, activation: the unit of which the mobile networks are built.
import type { Initialiser } from "@stria/core";
import {
  BatchNorm2d,
  type BatchNormOptions,
  Conv2d,
  type Layer,
  type Module,
  Sequential,
  initialisers,
} from "@stria/layers";

/** A layer without settings, to be made at each place of its own. */
export type ActivationClass = new () => Module;

export interface ConvNormOptions {
  /** Height and width of the window, odd. Default 1. */
  readonly kernel?: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 1; as many as channels: each channel by itself. */
  readonly groups?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Default none: the unit is linear. */
  readonly activation?: ActivationClass;
  readonly batchNorm?: BatchNormOptions;
  /** Default He's, which keeps the variance of the gradients. */
  readonly weightInitialiser?: Initialiser;
}

/** He's normal first values by the number of outputs that an input reaches. */
export const fanOut: Initialiser = /* @__PURE__ */ initialisers.kaimingNormal({ mode: "fanOut" });

/** [N, inChannels, H, W] -> [N, outChannels, H / stride, W / stride], rounded up. The convolution has no bias. */
export function convNormActivation(
  inChannels: number,
  outChannels: number,
  { kernel = 1, activation: Activation, batchNorm, ...options }: ConvNormOptions = {},
): Sequential {
  const { stride = 1, groups = 1, dilation = 1, weightInitialiser = fanOut } = options;
  const padding = ((kernel - 1) / 2) * dilation;
  const settings = { stride, groups, dilation, padding, bias: false, weightInitialiser };
  const layers: Layer[] = [
    new Conv2d(inChannels, outChannels, kernel, settings),
    new BatchNorm2d(outChannels, batchNorm),
  ];
  if (Activation) layers.push(new Activation());
  return new Sequential(layers);
}
