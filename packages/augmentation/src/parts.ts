// What a sample may hold: images, masks, boxes and key points, as plain arrays that need no backend.
import { AttributeError, ShapeError, type Shape, showShape } from "@stria/core";

/** Values of pixels: bytes, or floats in whatever range. */
export type Pixels = Uint8Array | Float32Array;

/** Classes of pixels. */
export type Labels = Uint8Array | Int32Array;

/** Height and width in pixels. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
}

/** Planes of pixels, row by row, one plane after the other. */
export interface Image<Values extends Pixels = Pixels> {
  readonly kind: "image";
  readonly values: Values;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** A class for each pixel. Labels are moved, never mixed. */
export interface Mask<Values extends Labels = Labels> {
  readonly kind: "mask";
  readonly values: Values;
  readonly shape: readonly [height: number, width: number];
}

/** Boxes `[N, 4]`: left, top, right, bottom, in the frame where the image is from 0 to its width and from 0 to its height. */
export interface Boxes {
  readonly kind: "boxes";
  readonly values: Float32Array;
  /** The class of each box. */
  readonly labels: Int32Array;
}

/** Points `[N, 2]`: x and y in the frame of the boxes, where the centre of the first pixel is (0.5, 0.5). */
export interface Keypoints {
  readonly kind: "keypoints";
  readonly values: Float32Array;
}

/** The parts by the names of their kinds. */
export interface Parts {
  readonly image: Image;
  readonly mask: Mask;
  readonly boxes: Boxes;
  readonly keypoints: Keypoints;
}

export type Kind = keyof Parts;

/** A part of one of the kinds. */
export type Part<K extends Kind = Kind> = Parts[K];

/** A sample: parts by the user's own names; several may be of one kind, such as an image and the image that it is to become. */
export type PartsByName<K extends Kind = Kind> = Readonly<Record<string, Part<K>>>;

function checkShape(kind: Kind, length: number, shape: Shape): void {
  if (!shape.every((side) => Number.isSafeInteger(side) && side > 0))
    throw new ShapeError(kind, `its shape is ${showShape(shape)}`, "use whole numbers above 0");
  if (length !== shape.reduce((product, side) => product * side, 1))
    throw new ShapeError(kind, `${length} values are not those of ${showShape(shape)}`, "pass the shape of the values");
}

/** An image `[channels, height, width]`. @throws ShapeError when the values are not as many. */
export function image<Values extends Pixels>(values: Values, shape: Image["shape"]): Image<Values> {
  checkShape("image", values.length, shape);
  return { kind: "image", values, shape };
}

/** A mask `[height, width]`. @throws ShapeError when the values are not as many. */
export function mask<Values extends Labels>(values: Values, shape: Mask["shape"]): Mask<Values> {
  checkShape("mask", values.length, shape);
  return { kind: "mask", values, shape };
}

/**
 * Boxes `[N, 4]` and their classes, all 0 where none are given.
 * @throws ShapeError when there are not four numbers a box, or not one class; AttributeError for a box that ends before it begins
 */
export function boxes(values: Float32Array, labels: Int32Array = new Int32Array(values.length / 4)): Boxes {
  if (values.length !== 4 * labels.length)
    throw new ShapeError(
      "boxes",
      `${values.length} numbers and ${labels.length} labels are not as many boxes`,
      "pass left, top, right, bottom and one label for each box",
    );
  for (let at = 0; at < values.length; at += 4) {
    const [left = Number.NaN, top = Number.NaN, right = Number.NaN, bottom = Number.NaN] = values.subarray(at, at + 4);
    if (!(left <= right && top <= bottom))
      throw new AttributeError(
        "boxes",
        `box ${at / 4} is [${[left, top, right, bottom].join(", ")}]`,
        "pass left, top, right, bottom, with left <= right and top <= bottom",
      );
  }
  return { kind: "boxes", values, labels };
}

/** Points `[N, 2]`. @throws ShapeError for an odd number of numbers. */
export function keypoints(values: Float32Array): Keypoints {
  if (values.length % 2 !== 0)
    throw new ShapeError("keypoints", `${values.length} numbers are no points`, "pass x and y for each point");
  return { kind: "keypoints", values };
}

/**
 * The size of the images and masks of a sample, which is one.
 * @throws ShapeError when they differ, or when there is none.
 */
export function canvasOf(sample: PartsByName): Canvas {
  let found: (Canvas & { readonly name: string }) | undefined;
  for (const [name, part] of Object.entries(sample)) {
    if (part.kind !== "image" && part.kind !== "mask") continue;
    const [height, width] = part.kind === "image" ? [part.shape[1], part.shape[2]] : part.shape;
    if (found && (found.height !== height || found.width !== width))
      throw new ShapeError(
        name,
        `it is ${height}x${width}, and ${found.name} is ${found.height}x${found.width}`,
        "give a sample whose images and masks are of one size",
      );
    found ??= { name, height, width };
  }
  if (!found) throw new ShapeError("sample", "it has no image and no mask, so no size", "pass the size of its image");
  return { height: found.height, width: found.width };
}
