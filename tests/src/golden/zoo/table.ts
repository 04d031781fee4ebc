// What the tables of models have in common.
import type { Module } from "@stria/layers";
import type { Arguments } from "../arguments.ts";

/** Makes a model of a golden's `source` with its `options`; what the goldens leave out has their reference's default. */
export type ModelTable = Readonly<Record<string, (options: Arguments) => Module>>;

/** Options that every classifier has, by PyTorch's names. */
export function classifier(
  given: Arguments,
  numClasses: number,
  inChannels: number,
): { numClasses: number; inChannels: number } {
  return {
    numClasses: given.number("num_classes", numClasses),
    inChannels: given.number("in_channels", inChannels),
  };
}

/** A classifier of ImageNet's images, with no options but those. */
export function imageNet(given: Arguments): { numClasses: number; inChannels: number } {
  return classifier(given, 1000, 3);
}
