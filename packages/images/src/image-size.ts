// The size of an image, out of its header alone.
import type { ImageFormat, Orientation } from "./image.ts";
import { openImage, unnamed } from "./open-image.ts";
import { turnsSides } from "./planes.ts";

export interface ImageSizeOptions {
  /** What to call the file in errors. */
  readonly name?: string;
}

/** What the header of a file declares. */
export interface ImageSize {
  readonly format: ImageFormat;
  /** In pixels, of the image standing upright. */
  readonly width: number;
  readonly height: number;
  /** Channels as stored: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** Bits of a sample, or of an index into a palette. */
  readonly bits: number;
  readonly orientation: Orientation;
}

/** Reads the size of an image and decodes nothing. @throws FormatError when the bytes are no image, or its header is damaged */
export function imageSize(bytes: Uint8Array, options: ImageSizeOptions = {}): ImageSize {
  const { format, width, height, channels, bits, orientation } = openImage(bytes, options.name ?? unnamed).header;
  const turned = turnsSides(orientation);
  return { format, width: turned ? height : width, height: turned ? width : height, channels, bits, orientation };
}
