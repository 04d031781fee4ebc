// What the classifiers of images share: the smallest image that their windows can read, the check of it, and ImageNet's figures.
import { AttributeError, type PerAxis, ShapeError, type Tensor, at, showShape } from "@stria/core";
import { AvgPool2d, Conv2d, type Layer, MaxPool2d, Sequential } from "@stria/layers";
import type { ModelInfo, Preprocessing } from "./model-info.ts";

function first(value: PerAxis): number {
  return typeof value === "number" ? value : at(value, 0);
}

/** Window, stride, padding of one side, and whether the last window may hang over. */
interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: unknown;
  readonly hangs: boolean;
}

function windowOf(layer: Layer): Window | undefined {
  if (layer instanceof Conv2d) {
    const { weight, stride, padding } = layer;
    return { kernel: at(weight.shape, 2), stride: first(stride), padding, hangs: false };
  }
  if (!(layer instanceof MaxPool2d) && !(layer instanceof AvgPool2d)) return undefined;
  const { stride = layer.kernel, padding = 0, ceilMode = false } = layer.options;
  return { kernel: first(layer.kernel), stride: first(stride), padding, hangs: ceilMode };
}

/** The least, or the largest, height and width from which `layers` make maps of `size`. */
function imageFor(layers: Iterable<Layer>, size: number, largest: boolean): number {
  return [...layers].toReversed().reduce((needed, layer) => {
    if (layer instanceof Sequential) return imageFor(layer, needed, largest);
    const window = windowOf(layer);
    if (!window || typeof window.padding !== "number") return needed;
    const { kernel, stride, padding, hangs } = window;
    const whole = (needed - 1) * stride + kernel - 2 * padding;
    if (largest) return hangs ? whole : whole + stride - 1;
    return Math.max(1, hangs ? whole - stride + 1 : whole);
  }, size);
}

/**
 * The least height and width from which `layers` make maps of `size`. Convolutions and pools with square windows and one padding for all sides count,
 * in a Sequential too; other layers keep the size.
 */
export function smallestImage(layers: Iterable<Layer>, size = 1): number {
  return imageFor(layers, size, false);
}

/** The largest height and width from which `layers` make maps of `size` and no larger ones; see {@link smallestImage}. */
export function largestImage(layers: Iterable<Layer>, size = 1): number {
  return imageFor(layers, size, true);
}

/** What a classifier says of its input. */
export interface ImageReader {
  readonly inChannels: number;
  /** Least height and width of an image. */
  readonly minimumSize: number;
  /** Largest height and width, where dense layers follow on maps of one size. Default none. */
  readonly maximumSize?: number;
  /** Other images that the model takes, for the error. */
  readonly besides?: string;
}

/** @throws ShapeError unless x is [N, inChannels, height, width] with images that are large enough, and not too large. */
export function checkImages(model: string, reader: ImageReader, x: Tensor): void {
  const { inChannels, minimumSize, maximumSize = Infinity, besides } = reader;
  const orElse = besides === undefined ? "" : `, or ${besides}`;
  const [, channels, height = 0, width = 0] = x.shape;
  if (x.rank !== 4 || channels !== inChannels)
    throw new ShapeError(model, `the input is ${showShape(x.shape)}`, `give images [N, ${inChannels}, height, width]`);
  if (Math.min(height, width) < minimumSize)
    throw new ShapeError(
      model,
      `images of ${height}x${width} are too small`,
      `give at least ${minimumSize}x${minimumSize}${orElse}`,
    );
  if (Math.max(height, width) > maximumSize)
    throw new ShapeError(
      model,
      `images of ${height}x${width} are too large: the dense layers take maps of one size`,
      `give ${minimumSize}x${minimumSize} to ${maximumSize}x${maximumSize}${orElse}`,
    );
}

/** The row of a family's table. @throws AttributeError that lists the names when there is none of that name. */
export function rowOf<Name extends string, Row>(family: string, rows: Readonly<Record<Name, Row>>, name: Name): Row {
  if (!Object.hasOwn(rows, name))
    throw new AttributeError(family, `there is no "${name}"`, `use one of ${Object.keys(rows).join(", ")}`);
  return rows[name];
}

/** What a family's metadata have in common. */
export type FamilyInfo = Omit<ModelInfo, "name" | "parameters" | "multiplyAdds">;

const mean = [0.485, 0.456, 0.406];

/** What an information says of classified pictures unless it says otherwise. */
interface ClassifiedPictures extends Pick<
  FamilyInfo,
  "task" | "inputShape" | "minimumInput" | "preprocessing" | "stages" | "weights"
> {
  readonly numClasses: number;
}

/** Input and classes of ImageNet, as torchvision's weights want them. */
export const imageNet: ClassifiedPictures = {
  task: "classification",
  minimumInput: [3, 1, 1],
  stages: [],
  weights: [],
  inputShape: [3, 224, 224],
  numClasses: 1000,
  preprocessing: { mean, standardDeviation: [0.229, 0.224, 0.225], pad: 0 },
};

/** Pixels from 0 to 255 of which only the mean is taken, as before batch normalisation. */
export const meanOnly: Preprocessing = { mean, standardDeviation: [1 / 255, 1 / 255, 1 / 255], pad: 0 };

/** Input and classes of CIFAR-10, its channels normalised. */
export const cifar10: ClassifiedPictures = {
  task: "classification",
  minimumInput: [3, 1, 1],
  stages: [],
  weights: [],
  inputShape: [3, 32, 32],
  numClasses: 10,
  preprocessing: { mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.247, 0.2435, 0.2616], pad: 0 },
};

/** Pixels as they are, in [0, 1]. */
export function plainPixels(channels: number): Preprocessing {
  const every = (value: number): number[] => Array.from({ length: channels }, () => value);
  return { mean: every(0), standardDeviation: every(1), pad: 0 };
}
