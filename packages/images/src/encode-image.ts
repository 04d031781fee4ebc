// Planes of pixels to the bytes of an image file.
import { AttributeError, DTypeError, ShapeError } from "@stria/core";
import { encodeBmp } from "./formats/bmp.ts";
import { encodePnm } from "./formats/pnm.ts";
import type { DecodedImage, ImageFormat, Pixels } from "./image.ts";

/** The formats that are written. */
export type EncodedFormat = Exclude<ImageFormat, "gif">;

export interface EncodeImageOptions {
  readonly format: EncodedFormat;
  /** Of JPEG and WebP: 1 to 100, 90 by default. */
  readonly quality?: number;
  /** Whether WebP loses nothing, whatever the quality; not in browsers. Default: false. */
  readonly lossless?: boolean;
}

/** Channels that each format has, and the most bits of a sample. */
const abilities: Readonly<Record<EncodedFormat, readonly [channels: readonly number[], bits: number]>> = {
  png: [[1, 2, 3, 4], 16],
  jpeg: [[1, 3], 8],
  webp: [[1, 3, 4], 8],
  bmp: [[3], 8],
  pnm: [[1, 3], 16],
};

function interleaved(data: Pixels["data"], channels: number, height: number, width: number): Pixels {
  const area = width * height;
  const pixels = data instanceof Uint16Array ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++)
    for (let pixel = 0; pixel < area; pixel++) pixels[pixel * channels + channel] = data[channel * area + pixel] ?? 0;
  return { data: pixels, width, height, channels, stride: channels };
}

/**
 * Encodes planes of pixels, as decodeImage gives them: 16 bits as PNG or PNM, alpha as PNG or WebP.
 * @throws ShapeError, DTypeError or AttributeError when data and shape differ, or the format does not have such pixels
 */
export async function encodeImage(
  { data, shape }: Pick<DecodedImage, "data" | "shape">,
  { format, quality = 90, lossless = false }: EncodeImageOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const [channels, height, width] = shape;
  if (!Object.hasOwn(abilities, format))
    throw new AttributeError("encodeImage", `format is "${format as string}"`, "choose png, jpeg, webp, bmp or pnm");
  if (!(quality >= 1 && quality <= 100))
    throw new AttributeError("encodeImage", `quality is ${quality}`, "give a number from 1 to 100");
  const sides = [channels, height, width];
  if (sides.some((side) => !Number.isInteger(side) || side < 1) || channels * height * width !== data.length)
    throw new ShapeError(
      "encodeImage",
      `the shape is [${sides.join(", ")}], of ${data.length} samples`,
      "give [channels, height, width]",
    );
  const [known, bits] = abilities[format];
  if (!known.includes(channels))
    throw new ShapeError(
      "encodeImage",
      `${format} files do not have ${channels} channels`,
      `give ${known.join(" or ")}, or choose png`,
    );
  if (8 * data.BYTES_PER_ELEMENT > bits)
    throw new DTypeError(
      "encodeImage",
      `${format} files have ${bits} bits a sample, and the pixels 16`,
      "give a Uint8Array, or choose png",
    );
  const pixels = interleaved(data, channels, height, width);
  if (format === "png") return (await import("./png/encode-png.ts")).encodePng(pixels);
  if (format === "jpeg") return (await import("./jpeg/jpeg.ts")).encodeJpeg(pixels, quality);
  if (format === "webp") return (await import("./webp/webp.ts")).encodeWebp(pixels, quality, lossless);
  return format === "bmp" ? encodeBmp(pixels) : encodePnm(pixels);
}
