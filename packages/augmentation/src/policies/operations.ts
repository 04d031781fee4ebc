// The operations that automatic augmentation chooses from, by torchvision's names and rules.
import { adjustBrightness, adjustContrast, adjustSaturation } from "../colour/blend.ts";
import { autocontrast, equalize } from "../colour/histogram.ts";
import { boundOf } from "../colour/levels.ts";
import { adjustSharpness } from "../colour/sharpness.ts";
import { invertImage, posterize, solarize } from "../colour/tone.ts";
import type { Fill } from "../fill.ts";
import { affineWarp, rotationWarp } from "../geometry/affine.ts";
import { type Warp, type WarpInterpolation, warpImage } from "../geometry/warp.ts";
import type { Canvas, Image } from "../parts.ts";

/** What becomes of the colours of an image. The magnitude is how far from 1 a factor is, bits, or a threshold from 0 to 1. */
const colourOperations = {
  Brightness: (image: Image, magnitude: number): Image => adjustBrightness(image, 1 + magnitude),
  Color: (image: Image, magnitude: number): Image => adjustSaturation(image, 1 + magnitude),
  Contrast: (image: Image, magnitude: number): Image => adjustContrast(image, 1 + magnitude),
  Sharpness: (image: Image, magnitude: number): Image => adjustSharpness(image, 1 + magnitude),
  Posterize: (image: Image, magnitude: number): Image => posterize(image, Math.trunc(magnitude)),
  Solarize: (image: Image, magnitude: number): Image => solarize(image, magnitude * boundOf(image.values)),
  AutoContrast: (image: Image): Image => autocontrast(image),
  Equalize: (image: Image): Image => equalize(image),
  Invert: (image: Image): Image => invertImage(image),
  Identity: (image: Image): Image => image,
} as const;

const degrees = (slope: number): number => (Math.atan(slope) * 180) / Math.PI;

/** Where pixels go. The magnitude is a slope, a number of pixels, or degrees. */
const warps = {
  ShearX: (canvas: Canvas, magnitude: number): Warp =>
    affineWarp(canvas, { shear: [degrees(magnitude), 0], centre: [0, 0] }),
  ShearY: (canvas: Canvas, magnitude: number): Warp =>
    affineWarp(canvas, { shear: [0, degrees(magnitude)], centre: [0, 0] }),
  TranslateX: (canvas: Canvas, magnitude: number): Warp =>
    affineWarp(canvas, { translate: [Math.trunc(magnitude), 0] }),
  TranslateY: (canvas: Canvas, magnitude: number): Warp =>
    affineWarp(canvas, { translate: [0, Math.trunc(magnitude)] }),
  Rotate: (canvas: Canvas, magnitude: number): Warp => rotationWarp(canvas, { angle: magnitude }),
} as const;

/** An operation of automatic augmentation. */
export type OperationName = keyof typeof colourOperations | keyof typeof warps;

/** An operation and how strong it is. */
export interface Operation {
  readonly name: OperationName;
  readonly magnitude: number;
}

function isWarp(name: OperationName): name is keyof typeof warps {
  return Object.hasOwn(warps, name);
}

/** Where an operation moves pixels to, or nothing where it leaves them in their places. */
export function operationWarp({ name, magnitude }: Operation, canvas: Canvas): Warp | undefined {
  return isWarp(name) ? warps[name](canvas, magnitude) : undefined;
}

export interface OperationOptions {
  /** Default `"nearest"`. */
  readonly interpolation?: WarpInterpolation;
  /** Default 0. */
  readonly fill?: Fill;
}

/** The image after an operation. */
export function applyOperation(
  image: Image,
  operation: Operation,
  { interpolation = "nearest", fill = 0 }: OperationOptions = {},
): Image {
  const { name, magnitude } = operation;
  if (!isWarp(name)) return colourOperations[name](image, magnitude);
  const canvas = { height: image.shape[1], width: image.shape[2] };
  return warpImage(image, warps[name](canvas, magnitude), { interpolation, fill });
}
