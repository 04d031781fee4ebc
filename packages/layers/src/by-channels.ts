// What the entries of a list of layers have in common that make convolutions.
import type { PerAxis } from "@stria/core";
import { channelsOf } from "./check.ts";
import type { LayerFactory, Module } from "./module.ts";

/** Makes a convolution for `sequential`, which works its input channels out. */
export type ConvolutionEntry<Options> = (outChannels: number, kernel: PerAxis, options?: Options) => LayerFactory;

/** The entry for a class of convolutions. */
export function byChannels<Options extends object>(
  Layer: new (inChannels: number, outChannels: number, kernel: PerAxis, options?: Options) => Module,
): ConvolutionEntry<Options> {
  return (outChannels, kernel, options) => (input) => new Layer(channelsOf(input), outChannels, kernel, options);
}
