// Bytes of an image file to planes of pixels.
import { AttributeError, FormatError } from "@stria/core";
import type { DecodedImage, Header, Pixels } from "./image.ts";
import { openImage, unnamed } from "./open-image.ts";
import { planesOf, turnsSides } from "./planes.ts";

export interface DecodeImageOptions {
  /** What to call the file in errors. */
  readonly name?: string;
  /** 1 grey, 3 RGB, 4 RGBA; as stored by default: 1, 2 (grey and alpha), 3 or 4. */
  readonly channels?: 1 | 3 | 4;
  /** What becomes of a palette: "colours", the default, or "indices" (of PNG files), in one channel, as masks of classes are stored. */
  readonly palette?: "colours" | "indices";
  /** "upright", the default, turns the image as its EXIF data say; "stored" leaves it as it lies in the file. */
  readonly orientation?: "upright" | "stored";
  /** The most pixels that a file may declare; 100 million by default. */
  readonly limit?: number;
}

const usualLimit = 100_000_000;

/**
 * Decodes an image file: PNG, JPEG, WebP, GIF (the first frame), BMP, PGM or PPM, told by its first bytes.
 * @throws FormatError when it is none of them, damaged, cut short, or declares more pixels than `limit`: before any memory for them is taken
 * @throws AttributeError for options that do not exist
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<DecodedImage> {
  return decodeBy(bytes, options, () => undefined);
}

/** Decodes the pixels of a file whose header was read; undefined leaves that to this package. */
type DecodePixels = (header: Header, limit: number, name: string) => Promise<Pixels> | undefined;

/** As {@link decodeImage}, the pixels of some files by a decoder of others. @throws as decodeImage, and what that decoder throws */
export async function decodeBy(
  bytes: Uint8Array,
  options: DecodeImageOptions,
  others: DecodePixels,
): Promise<DecodedImage> {
  const { name = unnamed, channels, orientation = "upright", palette = "colours", limit = usualLimit } = options;
  if (channels !== undefined && ![1, 3, 4].includes(channels))
    throw new AttributeError("decodeImage", `channels is ${channels}`, "ask for 1, 3 or 4");
  if (orientation !== "upright" && orientation !== "stored")
    throw new AttributeError("decodeImage", `orientation is "${String(orientation)}"`, 'choose "upright" or "stored"');
  if (palette !== "colours" && palette !== "indices")
    throw new AttributeError("decodeImage", `palette is "${String(palette)}"`, 'choose "colours" or "indices"');
  if (!(limit > 0)) throw new AttributeError("decodeImage", `limit is ${limit}`, "give a number of pixels above 0");
  const { header, decode } = openImage(bytes, name, palette === "indices");
  const { width, height, format } = header;
  if (width * height > limit)
    throw new FormatError(
      name,
      `it declares ${width} x ${height} pixels, more than the limit of ${limit}`,
      "leave it out, or raise the option limit of decodeImage if you trust the file",
    );
  const pixels = await ((palette === "colours" ? others(header, limit, name) : undefined) ?? decode());
  const turn = orientation === "upright" ? header.orientation : 1;
  const planes = channels ?? pixels.channels;
  const [rows, columns] = turnsSides(turn) ? [width, height] : [height, width];
  return {
    data: planesOf(pixels, planes, turn),
    shape: [planes, rows, columns],
    format,
    orientation: header.orientation,
  };
}
