// Files decoded by sharp (libvips), native code for Node that is several times as fast, where the user has it.
import { broken } from "./broken.ts";
import { decodeBy, type DecodeImageOptions } from "./decode-image.ts";
import type { DecodedImage, Header, ImageFormat, Pixels } from "./image.ts";

/** How the module sharp is asked. */
interface SharpOptions {
  readonly failOn: "warning";
  readonly limitInputPixels: number;
  readonly ignoreIcc: boolean;
  readonly autoOrient: boolean;
}

/** Pixels as the module sharp gives them. */
interface SharpPixels {
  readonly data: Uint8Array;
  readonly info: { readonly width: number; readonly height: number; readonly channels: number };
}

/** An image in the module sharp. */
interface SharpImage {
  /** Asks for pixels instead of a file. */
  raw(): {
    /** Decodes. */
    toBuffer(options: { readonly resolveWithObject: true }): Promise<SharpPixels>;
  };
}

/** As much of the module sharp as is used. */
export type Sharp = (input: Uint8Array, options: SharpOptions) => SharpImage;

const taken: readonly ImageFormat[] = ["jpeg", "png", "webp"];

async function pixelsBy(sharp: Sharp, bytes: Uint8Array, header: Header, limit: number, name: string): Promise<Pixels> {
  try {
    const options = { failOn: "warning", limitInputPixels: limit, ignoreIcc: true, autoOrient: false } as const;
    const { data, info } = await sharp(bytes, options).raw().toBuffer({ resolveWithObject: true });
    if (info.width !== header.width || info.height !== header.height || info.channels < header.channels)
      throw new Error(`sharp made ${info.width} x ${info.height} pixels of ${info.channels} channels of it`);
    // Grey comes out as colour, of which the first channel is taken.
    return {
      data: new Uint8Array(data),
      width: info.width,
      height: info.height,
      channels: header.channels,
      stride: info.channels,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw broken(name, `the ${header.format.toUpperCase()} file cannot be decoded: ${reason}`, { cause });
  }
}

/**
 * A function like `decodeImage` that has JPEG, PNG and WebP files of 8 bits decoded by sharp, 0.33 or later: `import sharp from "sharp"; const decode = sharpDecoder(sharp)`. Others (16 bits, grey with alpha, indices of
 * palettes, other formats) are decoded as always. Pixels of JPEG files may differ from decodeImage's by some levels, since another libjpeg decodes them.
 */
export function sharpDecoder(sharp: Sharp): (bytes: Uint8Array, options?: DecodeImageOptions) => Promise<DecodedImage> {
  return async (bytes, options = {}) =>
    decodeBy(bytes, options, (header, limit, name) =>
      taken.includes(header.format) && header.bits <= 8 && header.channels !== 2
        ? pixelsBy(sharp, bytes, header, limit, name)
        : undefined,
    );
}
