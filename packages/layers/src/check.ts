// Checks of layer options, made where the layer is made.
import {
  AttributeError,
  type PaddingLike,
  type PerAxis,
  type Shape,
  ShapeError,
  type Tensor,
  showShape,
} from "@stria/core";

/** @throws AttributeError when a size is not a whole number >= 1. */
export function checkSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 1)
      throw new AttributeError(layer, `${name} is ${size}`, "use a whole number >= 1");
}

/** @throws AttributeError when a figure is not a finite number. */
export function checkFinite(layer: string, figures: Readonly<Record<string, number>>): void {
  for (const [name, figure] of Object.entries(figures))
    if (!Number.isFinite(figure))
      throw new AttributeError(layer, `${name} is ${String(figure)}`, "use a finite number");
}

/** What is added before a division. @throws AttributeError when it is not a finite number >= 0. */
export function checkEpsilon(layer: string, epsilon: number): void {
  if (!(Number.isFinite(epsilon) && epsilon >= 0))
    throw new AttributeError(layer, `epsilon is ${String(epsilon)}`, "use a small number >= 0");
}

const paddingWords: readonly unknown[] = ["same", "valid", "causal"];

/** @throws AttributeError when a convolution's padding is neither a word nor numbers from 0, as many as there are axes. */
export function checkPadding(layer: string, padding: PaddingLike, spatialAxes: number): void {
  if (paddingWords.includes(padding)) return;
  const entries: readonly unknown[] | undefined =
    typeof padding === "number" ? [padding] : Array.isArray(padding) ? padding.flat() : undefined;
  const fits = typeof padding === "number" || padding?.length === spatialAxes;
  if (!entries || !fits || !entries.every((entry) => Number.isSafeInteger(entry) && Number(entry) >= 0))
    throw new AttributeError(
      layer,
      `padding is ${JSON.stringify(padding)}`,
      `give a whole number >= 0, ${spatialAxes} of them or of [before, after], or "same", "valid", "causal"`,
    );
}

/** @throws AttributeError when a probability is not from 0 to 1. */
export function checkProbability(layer: string, probability: number): void {
  if (!(Number.isFinite(probability) && probability >= 0 && probability <= 1))
    throw new AttributeError(
      layer,
      `probability ${String(probability)} is not from 0 to 1`,
      "pass the share that is dropped",
    );
}

/** A kernel's size (or a stride, or a dilation) along each spatial axis. @throws AttributeError for another count of axes and for sizes below 1. */
export function kernelSizes(
  layer: string,
  kernel: PerAxis,
  spatialAxes: number,
  what: "kernel" | "stride" | "dilation" = "kernel",
): readonly number[] {
  const sizes = typeof kernel === "number" ? Array.from({ length: spatialAxes }, () => kernel) : kernel;
  const given: unknown = sizes; // what a list is by its type may be anything in JavaScript
  if (!Array.isArray(given))
    throw new AttributeError(layer, `the ${what} is ${String(given)}`, `give one number, or ${spatialAxes}`);
  if (sizes.length !== spatialAxes)
    throw new AttributeError(layer, `the ${what} has ${sizes.length} axes`, `give one number, or ${spatialAxes}`);
  for (const size of sizes) checkSizes(layer, { [what]: size });
  return sizes;
}

/** @throws AttributeError where the channels do not divide into the groups. */
export function checkGroups(layer: string, inChannels: number, outChannels: number, groups: number): void {
  if (inChannels % groups !== 0 || outChannels % groups !== 0)
    throw new AttributeError(
      layer,
      `${inChannels} input and ${outChannels} output channels do not divide into ${groups} groups`,
      "make both multiples of groups",
    );
}

/** The channels, or features, of an input without its batch axis. @throws AttributeError where there are no axes. */
export function channelsOf(input: Shape): number {
  const [channels] = input;
  if (channels === undefined)
    throw new AttributeError(
      "sequential",
      "the input has no channels",
      "pass { inputShape: [channels, height, width] }",
    );
  return channels;
}

/** @throws ShapeError where the input has not batch, channels and so many spatial axes. */
export function checkSpatialAxes(layer: string, x: Tensor, spatialAxes: number): void {
  if (x.rank !== spatialAxes + 2)
    throw new ShapeError(
      layer,
      `the input is ${showShape(x.shape)}`,
      `give ${spatialAxes + 2} axes, [batch, channels, ...]`,
    );
}

/** The sizes of the spatial axes of [N, C, ...]. @throws ShapeError where there are not 1, 2 or 3 of them. */
export function spatialSizes(layer: string, x: Tensor): Shape {
  if (x.rank < 3 || x.rank > 5)
    throw new ShapeError(
      layer,
      `the input is ${showShape(x.shape)}`,
      "give [batch, channels, ...] with 1, 2 or 3 spatial axes",
    );
  return x.shape.slice(2);
}
