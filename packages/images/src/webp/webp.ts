// WebP by the browser where there is one, else by libwebp, which is loaded with the first image.
import { FormatError } from "@stria/core";
import { broken } from "../broken.ts";
import { decodeInBrowser, encodeInBrowser, hasBrowserCodec } from "../codecs/browser-codec.ts";
import type { Pixels } from "../image.ts";
import { rgbaOf } from "../rgba.ts";
import type { WebpHeader } from "./read-webp-header.ts";

const type = "image/webp";

/** A copy whose EXIF data are not known as such: browsers may turn by them. */
function withoutExif(bytes: Uint8Array, { exif }: WebpHeader): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  if (exif !== undefined) copy.fill(0x20, exif, exif + 4);
  return copy;
}

/** The pixels of a file whose header was read. @throws FormatError when it is damaged or cut short */
export async function decodeWebp(bytes: Uint8Array, read: WebpHeader, name: string): Promise<Pixels> {
  const { header } = read;
  let pixels: Pixels;
  try {
    pixels = hasBrowserCodec()
      ? await decodeInBrowser(withoutExif(bytes, read), type)
      : await (await import("./libwebp.ts")).decodeLibwebp(bytes);
  } catch (cause) {
    throw broken(name, "the WebP file cannot be decoded: it is damaged or cut short", { cause });
  }
  if (pixels.width !== header.width || pixels.height !== header.height)
    throw broken(name, `the WebP file declares ${header.width} x ${header.height} pixels in one place, not in another`);
  return { ...pixels, channels: header.channels };
}

/** A WebP file of planes of grey, RGB or RGBA. @throws FormatError where the browser writes none */
export async function encodeWebp(pixels: Pixels, quality: number, lossless: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const rgba = rgbaOf(pixels);
  const { width, height } = pixels;
  if (!hasBrowserCodec())
    return (await import("./libwebp.ts")).encodeLibwebp(
      { data: rgba, width, height, colorSpace: "srgb" },
      quality,
      lossless,
    );
  const remedy = "choose png, or encode in Node";
  if (lossless) throw new FormatError("webp", "a browser's codec cannot be told to lose nothing", remedy);
  const bytes = await encodeInBrowser(new ImageData(rgba, width, height), type, quality);
  if (bytes[0] !== 0x52) throw new FormatError("webp", "this browser does not write WebP", remedy);
  return bytes;
}
