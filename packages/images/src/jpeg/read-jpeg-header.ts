// What a JPEG file says before its pixels (ITU-T T.81, annex B): size, components, process, orientation.
import { broken, unread } from "../broken.ts";
import { exifOrientation } from "../exif.ts";
import type { Header, Orientation } from "../image.ts";

const processes: Readonly<Record<number, string>> = {
  0xc3: "lossless",
  0xc5: "hierarchical",
  0xc6: "hierarchical progressive",
  0xc7: "hierarchical lossless",
  0xc9: "arithmetic-coded",
  0xca: "arithmetic-coded progressive",
  0xcb: "arithmetic-coded lossless",
  0xcd: "arithmetic-coded hierarchical",
  0xce: "arithmetic-coded hierarchical progressive",
  0xcf: "arithmetic-coded hierarchical lossless",
};

const exifMark = "Exif\0\0";
const shortestBlock = 1 / 8; // of a byte: the least that 8 x 8 pixels take

/** A JPEG file up to its first scan. */
export interface JpegHeader {
  readonly header: Header;
  /** Where the first scan begins. */
  readonly scan: number;
  /** Where EXIF data begin. */
  readonly exif: readonly number[];
}

function frameOf(segment: Uint8Array, marker: number, name: string): Omit<Header, "orientation"> {
  const process = processes[marker];
  if (process !== undefined) throw unread(name, `the JPEG file is ${process}`);
  if (segment.length < 6) throw broken(name, "the JPEG file's frame header is too short");
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const [bits, height, width, channels] = [view.getUint8(0), view.getUint16(1), view.getUint16(3), view.getUint8(5)];
  if (bits === 12) throw unread(name, "the JPEG file has 12 bits a sample");
  if (bits !== 8) throw broken(name, `the JPEG file declares ${bits} bits a sample`);
  if (width === 0 || height === 0) throw broken(name, `the JPEG file declares ${width} x ${height} pixels`);
  if (channels === 4) throw unread(name, "the JPEG file has four components, as for print (CMYK)");
  if (channels !== 1 && channels !== 3) throw broken(name, `the JPEG file declares ${channels} components`);
  return { format: "jpeg", width, height, channels, bits };
}

/** Reads all before the first scan. @throws FormatError when a segment is damaged or cut, or the process is not read */
export function readJpegHeader(bytes: Uint8Array, name: string): JpegHeader {
  const exif: number[] = [];
  let orientation: Orientation = 1;
  let frame: Omit<Header, "orientation"> | undefined;
  for (let at = 2; ;) {
    if (bytes[at] !== 0xff) throw broken(name, `the JPEG file has no marker at byte ${at}: it is damaged or cut short`);
    while (bytes[at + 1] === 0xff) at++; // markers may be filled up
    const marker = bytes[at + 1] ?? 0;
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (at + 4 > bytes.length || at + 2 + length > bytes.length)
      throw broken(name, "the JPEG file is cut short before its pixels");
    if (length < 2) throw broken(name, `the JPEG segment at byte ${at} declares ${length} bytes`);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      if (frame) throw broken(name, "the JPEG file has two frames");
      frame = frameOf(segment, marker, name);
    } else if (marker === 0xe1 && String.fromCharCode(...segment.subarray(0, 6)) === exifMark) {
      orientation = exifOrientation(segment.subarray(6));
      exif.push(at + 4);
    } else if (marker === 0xd9) throw broken(name, "the JPEG file ends before its pixels");
    else if (marker === 0xda) {
      if (!frame) throw broken(name, "the JPEG file's pixels come before its size");
      return { header: { ...frame, orientation }, scan: at, exif };
    }
    at += 2 + length;
  }
}

/** Refuses a file that ends before its pixels do. @throws FormatError */
export function checkJpegEnd(bytes: Uint8Array, { header, scan }: JpegHeader, name: string): void {
  const { width, height } = header;
  let end = bytes.lastIndexOf(0xd9);
  while (end > scan && bytes[end - 1] !== 0xff) end = bytes.lastIndexOf(0xd9, end - 1);
  if (end <= scan) throw broken(name, "the JPEG file is cut short: it has no end marker");
  if (Math.ceil(width / 8) * Math.ceil(height / 8) * shortestBlock > bytes.length - scan)
    throw broken(name, `the JPEG file declares ${width} x ${height} pixels in ${bytes.length - scan} bytes`);
}
