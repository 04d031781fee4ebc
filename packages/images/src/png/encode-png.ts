// PNG written: each row with the filter that leaves the smallest differences (the heuristic of the format's text, section 12.7).
import type { Pixels } from "../image.ts";
import { crc32 } from "./crc32.ts";
import { predictions } from "./unfilter.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const colourTypes = [0, 4, 2, 6]; // of one to four channels

function chunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let at = 0; at < 4; at++) bytes[4 + at] = type.charCodeAt(at);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** Samples as the file has them: two bytes, the greater first, of 16 bits. */
function bytesOf(data: Pixels["data"]): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(2 * data.length);
  for (const [at, value] of data.entries()) {
    bytes[2 * at] = value >> 8;
    bytes[2 * at + 1] = value & 255;
  }
  return bytes;
}

/** All rows, each after the number of its filter. */
function filtered(bytes: Uint8Array, rowBytes: number, height: number, pixelBytes: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (1 + rowBytes));
  const attempt = new Uint8Array(rowBytes);
  for (let row = 0; row < height; row++) {
    const start = row * rowBytes;
    let least = Infinity;
    for (const [filter, predict] of predictions.entries()) {
      let differences = 0;
      for (let at = 0; at < rowBytes; at++) {
        const left = at >= pixelBytes ? (bytes[start + at - pixelBytes] ?? 0) : 0;
        const above = row > 0 ? (bytes[start + at - rowBytes] ?? 0) : 0;
        const corner = at >= pixelBytes && row > 0 ? (bytes[start + at - rowBytes - pixelBytes] ?? 0) : 0;
        const difference = ((bytes[start + at] ?? 0) - predict(left, above, corner)) & 255;
        attempt[at] = difference;
        differences += difference < 128 ? difference : 256 - difference;
      }
      if (differences >= least) continue;
      least = differences;
      rows[row * (1 + rowBytes)] = filter;
      rows.set(attempt, row * (1 + rowBytes) + 1);
    }
  }
  return rows;
}

/** A PNG file of `pixels`, of 8 or 16 bits. */
export async function encodePng({ data, width, height, channels }: Pixels): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8 * data.BYTES_PER_ELEMENT, colourTypes[channels - 1] ?? 0], 8);
  const pixelBytes = channels * data.BYTES_PER_ELEMENT;
  const rows = filtered(bytesOf(data), width * pixelBytes, height, pixelBytes);
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const content = new Uint8Array(await new Response(packed).arrayBuffer());
  const parts = [
    new Uint8Array(signature),
    chunk("IHDR", header),
    chunk("IDAT", content),
    chunk("IEND", new Uint8Array(0)),
  ];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
