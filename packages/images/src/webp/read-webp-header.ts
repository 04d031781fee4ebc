// What a WebP file says before its pixels (RFC 9649): size, alpha, orientation.
import { broken, unread } from "../broken.ts";
import { exifOrientation } from "../exif.ts";
import type { Header, Orientation } from "../image.ts";

/** A WebP file, nothing decoded. */
export interface WebpHeader {
  readonly header: Header;
  /** Where the name of the chunk with EXIF data begins. */
  readonly exif: number | undefined;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

const textAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/** The frame of a lossy stream (RFC 6386, section 9.1). */
function lossyFrame(content: Uint8Array, name: string): Frame {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 10 || view.getUint16(3) !== 0x9d01 || content[5] !== 0x2a || ((content[0] ?? 1) & 1) !== 0)
    throw broken(name, "the WebP file's frame header is damaged");
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff, hasAlpha: false };
}

/** The frame of a lossless stream (RFC 9649, section 3.4). */
function losslessFrame(content: Uint8Array, name: string): Frame {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 5 || content[0] !== 0x2f) throw broken(name, "the WebP file's frame header is damaged");
  const bits = view.getUint32(1, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
}

/** The canvas and the flags of an extended file (RFC 9649, section 2.7.1). */
function canvasOf(content: Uint8Array, name: string): Frame {
  if (content.length < 10) throw broken(name, "the WebP file's header is too short");
  const flags = content[0] ?? 0;
  if (flags & 0x02) throw unread(name, "the WebP file is an animation");
  const side = (at: number): number =>
    1 + (content[at] ?? 0) + 256 * (content[at + 1] ?? 0) + 65536 * (content[at + 2] ?? 0);
  return { width: side(4), height: side(7), hasAlpha: (flags & 0x10) !== 0 };
}

/** The least bytes that pixels take: a lossless stream of one colour has a few for all of them. */
const mostPixelsAByte = 2 ** 20;

/** Reads the chunks. @throws FormatError when one is damaged or cut, or the file is an animation */
export function readWebpHeader(bytes: Uint8Array, name: string): WebpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20) throw broken(name, "the WebP file ends inside its header");
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw broken(name, `the WebP file is cut short: ${bytes.length} of ${end} bytes`);
  let [canvas, frame]: (Frame | undefined)[] = [undefined, undefined];
  let hasAlphaChunk = false;
  let orientation: Orientation = 1;
  let exif: number | undefined;
  for (let at = 12; at + 8 <= end;) {
    const [kind, length] = [textAt(bytes, at), view.getUint32(at + 4, true)];
    if (at + 8 + length > end) throw broken(name, `the WebP chunk ${JSON.stringify(kind)} ends behind the file`);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (kind === "VP8X") canvas ??= canvasOf(content, name);
    else if (kind === "VP8 ") frame ??= lossyFrame(content, name);
    else if (kind === "VP8L") frame ??= losslessFrame(content, name);
    else if (kind === "ALPH") hasAlphaChunk = true;
    else if (kind === "EXIF") {
      exif = at;
      // Some writers put JPEG's mark before the TIFF structure.
      orientation = exifOrientation(textAt(content, 0) === "Exif" ? content.subarray(6) : content);
    }
    at += 8 + length + (length & 1);
  }
  if (!frame) throw broken(name, "the WebP file has no image");
  const { width, height } = frame;
  if (width === 0 || height === 0) throw broken(name, `the WebP file declares ${width} x ${height} pixels`);
  if (canvas && (canvas.width !== width || canvas.height !== height))
    throw broken(
      name,
      `the WebP file declares ${canvas.width} x ${canvas.height} pixels in one place, ${width} x ${height} in another`,
    );
  if (width * height > bytes.length * mostPixelsAByte)
    throw broken(name, `the WebP file declares ${width} x ${height} pixels in ${bytes.length} bytes`);
  const hasAlpha = frame.hasAlpha || (canvas !== undefined && hasAlphaChunk);
  return { header: { format: "webp", width, height, channels: hasAlpha ? 4 : 3, bits: 8, orientation }, exif };
}
