// PGM and PPM (Netpbm), as text and as bytes, read; as bytes, written.
import { broken } from "../broken.ts";
import type { Header, Pixels } from "../image.ts";

interface PnmHeader extends Header {
  readonly isText: boolean;
  readonly greatest: number;
  /** Where the samples begin. */
  readonly start: number;
}

const [newline, hash] = [10, 35];

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);
}

/** The next whole number, past spaces and comments, and where it ends. */
function numberAt(bytes: Uint8Array, from: number, name: string): [value: number, end: number] {
  let at = from;
  while (isSpace(bytes[at]) || bytes[at] === hash)
    if (bytes[at++] === hash) while (at < bytes.length && bytes[at] !== newline) at++;
  let value = 0;
  const start = at;
  for (; at < bytes.length; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = Math.min(value * 10 + digit, 2 ** 32);
  }
  if (at === start) throw broken(name, `the PNM file has no number at byte ${at}: it is damaged or cut short`);
  return [value, at];
}

/** The header of a file that begins with P2, P3, P5 or P6. @throws FormatError when it is damaged */
export function readPnmHeader(bytes: Uint8Array, name: string): PnmHeader {
  const kind = (bytes[1] ?? 0) - 48;
  const [width, afterWidth] = numberAt(bytes, 2, name);
  const [height, afterHeight] = numberAt(bytes, afterWidth, name);
  const [greatest, end] = numberAt(bytes, afterHeight, name);
  if (width === 0 || height === 0) throw broken(name, `the PNM file declares ${width} x ${height} pixels`);
  if (greatest === 0 || greatest > 65535) throw broken(name, `the PNM file declares the greatest value ${greatest}`);
  if (!isSpace(bytes[end])) throw broken(name, "the PNM file's header does not end in a space");
  const [channels, bits] = [kind % 3 === 2 ? 1 : 3, greatest > 255 ? 16 : 8];
  return { format: "pnm", width, height, channels, bits, orientation: 1, isText: kind < 4, greatest, start: end + 1 };
}

/** The samples, scaled so that the greatest value is 255 or 65535. @throws FormatError when they are too few, or too large */
export function decodePnm(bytes: Uint8Array, name: string): Pixels {
  const { width, height, channels, bits, isText, greatest, start } = readPnmHeader(bytes, name);
  const count = width * height * channels;
  const least = isText ? 2 * count - 1 : (count * bits) / 8;
  if (bytes.length - start < least)
    throw broken(name, `the PNM file has ${bytes.length - start} bytes of samples, and needs ${least}`);
  const data = bits === 16 ? new Uint16Array(count) : new Uint8Array(count);
  const scale = (2 ** bits - 1) / greatest;
  let at = start;
  for (let index = 0; index < count; index++) {
    let value = 0;
    if (isText) [value, at] = numberAt(bytes, at, name);
    else for (let byte = 0; byte < bits; byte += 8) value = value * 256 + (bytes[at++] ?? 0);
    if (value > greatest) throw broken(name, `a sample of the PNM file is ${value}, and the greatest ${greatest}`);
    data[index] = Math.round(value * scale);
  }
  return { data, width, height, channels, stride: channels };
}

/** A PGM or PPM file of grey or RGB. */
export function encodePnm({ data, width, height, channels }: Pixels): Uint8Array<ArrayBuffer> {
  const isWide = data instanceof Uint16Array;
  const header = new TextEncoder().encode(`P${channels === 1 ? 5 : 6}\n${width} ${height}\n${isWide ? 65535 : 255}\n`);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  const view = new DataView(bytes.buffer, header.length);
  for (const [at, value] of data.entries())
    if (isWide) view.setUint16(2 * at, value);
    else view.setUint8(at, value);
  return bytes;
}
