// The weights that torchvision publishes for its classifiers of ImageNet, of which a family's file has a line each.
import { type Shape, at } from "@stria/core";
import type { KnownWeights } from "./model-info.ts";

/**
 * Version; file, whose name ends in the first digits of its hash; per cent of the validation images that are told right; the length to which the shorter
 * side was resized, by default 256, and how, by default bilinearly.
 */
export type Published = readonly [
  version: 1 | 2,
  file: string,
  accuracy: number,
  resized?: number,
  interpolation?: "bicubic",
];

/** What is known of published weights whose images were cut to `inputShape`; `rename` for files whose keys are older than the model's. */
export function torchvisionWeights(
  published: readonly Published[],
  inputShape: Shape = [3, 224, 224],
  rename?: NonNullable<KnownWeights["rename"]>,
): KnownWeights[] {
  const edge = at(inputShape, 1);
  return published.map(([version, file, accuracy, resized = 256, interpolation = "bilinear"]) => ({
    name: `IMAGENET1K_V${version}`,
    url: `https://download.pytorch.org/models/${file}.pth`,
    sha256: file.slice(file.lastIndexOf("-") + 1),
    format: "pytorch",
    licence: "BSD-3-Clause",
    accuracy: `${accuracy.toFixed(3)} % top-1 on ImageNet's validation images, resized to ${resized} (${interpolation}), middle ${edge}x${edge}`,
    numClasses: 1000,
    ...(rename && { rename }),
  }));
}
