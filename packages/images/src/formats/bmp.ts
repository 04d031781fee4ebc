// BMP of 1, 4, 8, 24 and 32 bits, not compressed: what programs write today. Written with 24 bits.
import { broken, unread } from "../broken.ts";
import type { Header, Pixels } from "../image.ts";

interface BmpHeader extends Header {
  /** Whether the first row of the file is the uppermost. */
  readonly isTopDown: boolean;
  readonly start: number;
  readonly rowBytes: number;
  readonly palette: Uint8Array;
}

/** The headers and the palette. @throws FormatError when they are damaged, cut, or of a kind that is not read */
export function readBmpHeader(bytes: Uint8Array, name: string): BmpHeader {
  if (bytes.length < 54) throw broken(name, "the BMP file ends inside its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, size] = [view.getUint32(10, true), view.getUint32(14, true)];
  if (size < 40) throw unread(name, `the BMP file has a header of ${size} bytes, as of OS/2`);
  const [width, rows] = [view.getInt32(18, true), view.getInt32(22, true)];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  const height = Math.abs(rows);
  if (width <= 0 || height === 0) throw broken(name, `the BMP file declares ${width} x ${rows} pixels`);
  // 3: bits by masks. Those of blue, green, red and alpha in this order are what plain files have.
  const usual = [0xff0000, 0xff00, 0xff].every(
    (mask, at) => 58 + 4 * at <= bytes.length && view.getUint32(54 + 4 * at, true) === mask,
  );
  const isPlain = compression === 0 || (compression === 3 && bits === 32 && usual);
  if (!isPlain || ![1, 4, 8, 24, 32].includes(bits))
    throw unread(name, `the BMP file has ${bits} bits a pixel and compression ${compression}`);
  const colours = bits > 8 ? 0 : Math.min(view.getUint32(46, true) || 2 ** bits, 2 ** bits);
  const palette = bytes.subarray(14 + size, 14 + size + 4 * colours);
  if (palette.length < 4 * colours) throw broken(name, "the BMP file ends inside its palette");
  const rowBytes = 4 * Math.ceil((width * bits) / 32);
  return {
    format: "bmp",
    width,
    height,
    channels: 3,
    bits,
    orientation: 1,
    isTopDown: rows < 0,
    start,
    rowBytes,
    palette,
  };
}

/** RGB; the fourth byte of 32 bits is not used, as almost all writers leave it 0. @throws FormatError when pixels are missing, or not in the palette */
export function decodeBmp(bytes: Uint8Array, name: string): Pixels {
  const { width, height, bits, isTopDown, start, rowBytes, palette } = readBmpHeader(bytes, name);
  if (start + rowBytes * height > bytes.length)
    throw broken(
      name,
      `the BMP file has ${bytes.length} bytes, and its pixels end at byte ${start + rowBytes * height}`,
    );
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const line = start + rowBytes * (isTopDown ? row : height - 1 - row);
    for (let column = 0; column < width; column++) {
      const bit = column * bits;
      const at = line + (bit >> 3);
      const index = bits > 8 ? 0 : ((bytes[at] ?? 0) >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
      const [colours, from] = bits > 8 ? [bytes, at] : [palette, 4 * index];
      if (from + 2 >= colours.length) throw broken(name, `a pixel of the BMP file has colour ${index}, which it lacks`);
      const to = 3 * (row * width + column);
      for (let channel = 0; channel < 3; channel++) data[to + channel] = colours[from + 2 - channel] ?? 0;
    }
  }
  return { data, width, height, channels: 3, stride: 3 };
}

/** A BMP file of RGB of 8 bits. */
export function encodeBmp({ data, width, height }: Pixels): Uint8Array<ArrayBuffer> {
  const rowBytes = 4 * Math.ceil((width * 24) / 32);
  const bytes = new Uint8Array(54 + rowBytes * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  for (const [at, value] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [34, rowBytes * height],
  ] as const)
    view.setUint32(at, value, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < 3; channel++)
        bytes[54 + rowBytes * (height - 1 - row) + 3 * column + 2 - channel] =
          data[3 * (row * width + column) + channel] ?? 0;
  return bytes;
}
