// A file of any format: its header read, its pixels still to be decoded.
import { unread } from "./broken.ts";
import { formatOf } from "./format-of.ts";
import { decodeBmp, readBmpHeader } from "./formats/bmp.ts";
import { decodeGif, readGifHeader } from "./formats/gif.ts";
import { decodePnm, readPnmHeader } from "./formats/pnm.ts";
import type { Header, ImageFormat, Pixels } from "./image.ts";
import { readJpegHeader } from "./jpeg/read-jpeg-header.ts";
import { pngHeader, readChunks } from "./png/read-chunks.ts";
import { readWebpHeader } from "./webp/read-webp-header.ts";

/** What to call a file in errors when its name is not given. */
export const unnamed = "image";

interface OpenedImage {
  readonly header: Header;
  decode(): Promise<Pixels>;
}

const openers: Readonly<Record<ImageFormat, (bytes: Uint8Array, name: string, asIndices: boolean) => OpenedImage>> = {
  png: (bytes, name, asIndices) => {
    const chunks = readChunks(bytes, name);
    const decode = async (): Promise<Pixels> =>
      (await import("./png/decode-png.ts")).decodePng(chunks, asIndices, name);
    return { header: pngHeader(chunks, asIndices), decode };
  },
  jpeg: (bytes, name) => {
    const read = readJpegHeader(bytes, name);
    const decode = async (): Promise<Pixels> => (await import("./jpeg/jpeg.ts")).decodeJpeg(bytes, read, name);
    return { header: read.header, decode };
  },
  webp: (bytes, name) => {
    const read = readWebpHeader(bytes, name);
    const decode = async (): Promise<Pixels> => (await import("./webp/webp.ts")).decodeWebp(bytes, read, name);
    return { header: read.header, decode };
  },
  gif: (bytes, name) => ({ header: readGifHeader(bytes, name), decode: async () => decodeGif(bytes, name) }),
  bmp: (bytes, name) => ({ header: readBmpHeader(bytes, name), decode: async () => decodeBmp(bytes, name) }),
  pnm: (bytes, name) => ({ header: readPnmHeader(bytes, name), decode: async () => decodePnm(bytes, name) }),
};

/** Reads the header; `asIndices` says that palettes are not to be resolved. @throws FormatError when the bytes are no image that is read, or the header is damaged */
export function openImage(bytes: Uint8Array, name: string, asIndices: boolean = false): OpenedImage {
  const format = formatOf(bytes);
  if (format === undefined) {
    const beginning = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const what = bytes.length === 0 ? "it is empty" : `it begins with the bytes ${beginning}`;
    throw unread(name, `${what}, and is no PNG, JPEG, WebP, GIF, BMP, PGM or PPM file`);
  }
  return openers[format](bytes, name, asIndices);
}
