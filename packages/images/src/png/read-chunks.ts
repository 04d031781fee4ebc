// The chunks of a PNG file (W3C PNG, third edition, sections 5 and 11): header, palette, transparency, data.
import { broken, unread } from "../broken.ts";
import { exifOrientation } from "../exif.ts";
import type { Header, Orientation } from "../image.ts";
import { crc32 } from "./crc32.ts";

/** Channels by colour type, and the bits that each allows. */
const colourTypes: ReadonlyMap<number, readonly [channels: number, bits: readonly number[]]> = new Map([
  [0, [1, [1, 2, 4, 8, 16]]],
  [2, [3, [8, 16]]],
  [3, [1, [1, 2, 4, 8]]],
  [4, [2, [8, 16]]],
  [6, [4, [8, 16]]],
]);

/** What IHDR says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly colourType: number;
  /** Samples of a stored pixel; one of a palette's index. */
  readonly samples: number;
  readonly interlaced: boolean;
}

/** A PNG file taken apart, nothing decompressed. */
export interface PngChunks {
  readonly header: PngHeader;
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly data: readonly Uint8Array[];
  readonly orientation: Orientation;
}

/** The header alone. @throws FormatError when it is missing, or no combination that PNG has */
function readPngHeader(bytes: Uint8Array, name: string): PngHeader {
  if (bytes.length < 33) throw broken(name, "the PNG file ends inside its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8) !== 13 || typeOf(bytes, 8) !== "IHDR")
    throw broken(name, "the PNG file does not begin with its header");
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [bits = 0, colourType = 0, compression, filter, interlace] = bytes.subarray(24, 29);
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff)
    throw broken(name, `the PNG header declares ${width} x ${height} pixels`);
  const [samples, allowed] = colourTypes.get(colourType) ?? [];
  if (samples === undefined || !allowed?.includes(bits))
    throw broken(name, `the PNG header declares ${bits} bits of colour type ${colourType}, which PNG does not have`);
  if (compression !== 0 || filter !== 0 || interlace === undefined || interlace > 1)
    throw broken(
      name,
      `the PNG header declares compression ${compression}, filter ${filter} and interlace method ${interlace}`,
    );
  return { width, height, bits, colourType, samples, interlaced: interlace === 1 };
}

function typeOf(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at + 4, at + 8));
}

const critical = ["IHDR", "PLTE", "IDAT", "IEND"];

/** Takes a file apart. @throws FormatError when it is cut short, a checksum is wrong, or a chunk that matters is missing or unknown */
export function readChunks(bytes: Uint8Array, name: string): PngChunks {
  const header = readPngHeader(bytes, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, Uint8Array>();
  const data: Uint8Array[] = [];
  for (let at = 8; !found.has("IEND");) {
    if (at + 12 > bytes.length) throw broken(name, "the PNG file is cut short: its last chunk is missing");
    const [length, type] = [view.getUint32(at), typeOf(bytes, at)];
    if (at + 12 + length > bytes.length)
      throw broken(name, `the PNG file is cut short: ${bytes.length - at - 8} of ${length + 4} bytes of chunk ${type}`);
    const content = bytes.subarray(at + 8, at + 8 + length);
    const isCritical = (type.charCodeAt(0) & 32) === 0;
    if (isCritical && !critical.includes(type)) throw unread(name, `the PNG file needs the chunk ${type}`);
    const matters = isCritical || type === "tRNS";
    if (matters && view.getUint32(at + 8 + length) !== crc32(bytes.subarray(at + 4, at + 8 + length)))
      throw broken(name, `the checksum of the PNG chunk ${type} at byte ${at} is wrong`);
    if (type === "IDAT") data.push(content);
    else if (type === "IHDR" && at > 8) throw broken(name, "the PNG file has two headers");
    else found.set(type, content);
    at += 12 + length;
  }
  const [palette, exif] = [found.get("PLTE"), found.get("eXIf")];
  if (data.length === 0) throw broken(name, "the PNG file has no pixels: no chunk IDAT");
  if (header.colourType === 3 && (palette === undefined || palette.length < 3))
    throw broken(name, "the PNG file has indices into a palette, and no palette");
  return {
    header,
    palette,
    transparency: found.get("tRNS"),
    data,
    orientation: exif ? exifOrientation(exif) : 1,
  };
}

/** Channels that the decoded pixels have: palettes and transparency resolved. */
function channelsOf({ header, transparency }: PngChunks): number {
  const hasAlpha = transparency !== undefined && header.colourType < 4;
  return (header.colourType === 3 ? 3 : header.samples) + (hasAlpha ? 1 : 0);
}

/** The header of a file that was taken apart, as all formats have it. */
export function pngHeader(chunks: PngChunks, asIndices: boolean): Header {
  const { width, height, bits, colourType } = chunks.header;
  const channels = asIndices && colourType === 3 ? 1 : channelsOf(chunks);
  return { format: "png", width, height, channels, bits, orientation: chunks.orientation };
}
