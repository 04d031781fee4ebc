// An image file to the parts of a sample: an image, or a mask of classes.
import { AttributeError, FormatError, ShapeError } from "@stria/core";
import type { Canvas, Image, Mask } from "@stria/augmentation";
import { type DecodedImage, decodeImage, type DecodeImageOptions } from "@stria/images";

/** What decodes image files: `decodeImage` of `@stria/images`, or one that takes the same options. */
export type Decode = (bytes: Uint8Array, options: DecodeImageOptions) => Promise<DecodedImage>;

export interface ReadImageOptions {
  /** 3 by default, so that all images of a set agree; 1 for grey, 4 for alpha. */
  readonly channels?: 1 | 3 | 4;
  /** The most pixels that a file may declare; 100 million by default. */
  readonly limit?: number;
  /** Default: `decodeImage` of `@stria/images`. */
  readonly decode?: Decode;
}

const extensions = ["png", "jpg", "jpeg", "jpe", "gif", "bmp", "pgm", "ppm", "pnm", "webp"];

/** Whether a path ends as image files do. */
export function isImagePath(path: string): boolean {
  return extensions.includes(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

/** Bytes from 0 to 255; samples of 16 bits are floats in the same range, so that nothing of them is lost. */
function valuesOf({ data }: DecodedImage): Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer> {
  return data instanceof Uint16Array ? Float32Array.from(data, (value) => value / 257) : data;
}

/**
 * The image in a file: bytes, or floats from 0 to 255 of files with 16 bits.
 * @param name what to call the file in errors
 * @param declared the size that something else says of it: where only the pixels as stored have it, they are not turned
 * @throws FormatError when it is no image, damaged, or declares more pixels than `limit`; ShapeError when it is of another size than declared
 */
export async function readImage(
  bytes: Uint8Array,
  name: string,
  options: ReadImageOptions = {},
  declared?: Canvas,
): Promise<Image> {
  const { channels = 3, limit, decode = decodeImage } = options;
  const settings = { name, channels, ...(limit !== undefined && { limit }) };
  const fits = ({ shape }: DecodedImage): boolean =>
    declared === undefined || (shape[1] === declared.height && shape[2] === declared.width);
  let decoded = await decode(bytes, settings);
  if (!fits(decoded) && decoded.orientation > 4) decoded = await decode(bytes, { ...settings, orientation: "stored" });
  const [, height, width] = decoded.shape;
  if (!fits(decoded))
    throw new ShapeError(
      name,
      `the image is ${width} x ${height} pixels, and declared as ${declared?.width} x ${declared?.height}`,
      "it is another image than the annotated one: correct the annotation, or leave it out",
    );
  return { kind: "image", values: valuesOf(decoded), shape: decoded.shape };
}

export interface ReadMaskOptions {
  /** The values in the files, in the order of the classes: with `[0, 255]` a pixel of 255 is of class 1. By default a value is its class. */
  readonly values?: readonly number[];
  readonly limit?: number;
}

/** Classes by value. @throws AttributeError for a value twice, or no whole number from 0 */
function tableOf(values: readonly number[]): ReadonlyMap<number, number> {
  const table = new Map(values.map((value, index) => [value, index]));
  if (table.size < values.length || !values.every((value) => Number.isInteger(value) && value >= 0))
    throw new AttributeError("values", `they are ${values.join(", ")}`, "list each whole number from 0 once");
  return table;
}

/**
 * The classes of the pixels in a file: grey values, or the indices of a palette.
 * @throws FormatError when it is no image, damaged, in colour, or has a value that is not in `values`
 */
export async function readMask(bytes: Uint8Array, name: string, options: ReadMaskOptions = {}): Promise<Mask> {
  const { values, limit } = options;
  const settings = { name, palette: "indices" as const, ...(limit !== undefined && { limit }) };
  const { data, shape } = await decodeImage(bytes, settings);
  const [channels, height, width] = shape;
  if (channels !== 1)
    throw new FormatError(
      name,
      `a mask has one channel, and the image ${channels}`,
      "save it as grey or with a palette",
    );
  const table = values && tableOf(values);
  const classOf = (value: number): number => {
    const found = table ? table.get(value) : value;
    if (found !== undefined) return found;
    throw new FormatError(
      name,
      `the mask has the value ${value}, not one of ${values?.join(", ")}`,
      "list it in values",
    );
  };
  const made = data instanceof Uint16Array ? Int32Array.from(data) : new Uint8Array(data);
  if (table) for (const [index, value] of made.entries()) made[index] = classOf(value);
  return { kind: "mask", values: made, shape: [height, width] };
}
