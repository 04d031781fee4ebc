// JPEG by the browser where there is one, else by MozJPEG, which is loaded with the first image.
import { broken } from "../broken.ts";
import type { Pixels } from "../image.ts";
import { decodeInBrowser, encodeInBrowser, hasBrowserCodec } from "../codecs/browser-codec.ts";
import { rgbaOf } from "../rgba.ts";
import { checkJpegEnd, type JpegHeader } from "./read-jpeg-header.ts";

const type = "image/jpeg";

/** A copy whose EXIF data are not known as such: browsers turn by them, and cannot be told not to. */
function withoutExif(bytes: Uint8Array, { exif }: JpegHeader): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  for (const at of exif) copy[at] = 0;
  return copy;
}

/** The pixels of a file whose header was read. @throws FormatError when it is damaged or cut short */
export async function decodeJpeg(bytes: Uint8Array, read: JpegHeader, name: string): Promise<Pixels> {
  const { header } = read;
  checkJpegEnd(bytes, read, name);
  let pixels: Pixels;
  try {
    pixels = hasBrowserCodec()
      ? await decodeInBrowser(withoutExif(bytes, read), type)
      : await (await import("./mozjpeg.ts")).decodeMozjpeg(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw broken(name, `the JPEG file cannot be decoded: ${reason}`, { cause });
  }
  if (pixels.width !== header.width || pixels.height !== header.height)
    throw broken(name, `the JPEG file declares ${header.width} x ${header.height} pixels in one place, not in another`);
  return { ...pixels, channels: header.channels };
}

/** A JPEG file of planes of grey or RGB. */
export async function encodeJpeg(pixels: Pixels, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = pixels;
  const rgba = rgbaOf(pixels);
  if (hasBrowserCodec()) return encodeInBrowser(new ImageData(rgba, width, height), type, quality);
  const { encodeMozjpeg } = await import("./mozjpeg.ts");
  return encodeMozjpeg({ data: rgba, width, height, colorSpace: "srgb" }, quality);
}
