// PNG (W3C, third edition) of every kind: 1 to 16 bits, grey, colour, palette, alpha, interlaced.
import { broken } from "../broken.ts";
import type { Pixels } from "../image.ts";
import { inflate } from "./inflate.ts";
import { type PngChunks, pngHeader } from "./read-chunks.ts";
import { type Pass, passesOf, sizeOfPasses, unfilter } from "./unfilter.ts";

/** The most that a byte of deflate can stand for (RFC 1951: 258 bytes in two bits, less the block's own). */
const mostInflation = 1032;

/** Puts a sample of the file, or what it stands for, at `to`. */
type Put = (sample: (index: number) => number, to: number) => void;

function putOf(chunks: PngChunks, pixels: Pixels, asIndices: boolean, name: string): Put {
  const { header, palette, transparency } = chunks;
  const { data, channels } = pixels;
  const opaque = header.bits === 16 ? 65535 : 255;
  if (header.colourType === 3 && palette !== undefined) {
    const colours = Math.floor(palette.length / 3);
    return (sample, to) => {
      const index = sample(0);
      if (index >= colours)
        throw broken(name, `a pixel of the PNG file has colour ${index} of a palette of ${colours}`);
      if (asIndices) {
        data[to] = index;
        return;
      }
      for (let channel = 0; channel < 3; channel++) data[to + channel] = palette[3 * index + channel] ?? 0;
      if (channels === 4) data[to + 3] = transparency?.[index] ?? opaque;
    };
  }
  const scale = header.bits < 8 ? 255 / (2 ** header.bits - 1) : 1;
  const { samples } = header;
  const isKeyed = channels > samples;
  const key = Array.from({ length: samples }, (_, at) =>
    isKeyed ? (transparency?.[2 * at] ?? 0) * 256 + (transparency?.[2 * at + 1] ?? 0) : -1,
  );
  return (sample, to) => {
    let matches = isKeyed;
    for (let channel = 0; channel < samples; channel++) {
      const value = sample(channel);
      if (value !== key[channel]) matches = false;
      data[to + channel] = value * scale;
    }
    if (isKeyed) data[to + samples] = matches ? 0 : opaque;
  };
}

/** Spreads the samples of a pass over the image. */
function putPass(rows: Uint8Array, pass: Pass, chunks: PngChunks, pixels: Pixels, put: Put): void {
  const { bits, samples } = chunks.header;
  const mask = 2 ** bits - 1;
  for (let row = 0; row < pass.height; row++) {
    const start = row * (1 + pass.rowBytes) + 1;
    let to = ((pass.y + row * pass.stepY) * pixels.width + pass.x) * pixels.channels;
    for (let column = 0; column < pass.width; column++, to += pass.stepX * pixels.channels) {
      const first = column * samples;
      put((channel) => {
        const index = first + channel;
        if (bits === 8) return rows[start + index] ?? 0;
        if (bits === 16) return (rows[start + 2 * index] ?? 0) * 256 + (rows[start + 2 * index + 1] ?? 0);
        const bit = index * bits;
        return ((rows[start + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask;
      }, to);
    }
  }
}

/** The pixels of a file with a palette and whole bytes. @throws FormatError for an index that the palette does not have */
function putIndexed(
  rows: Uint8Array,
  { height, width, rowBytes }: Pass,
  { palette = new Uint8Array(0), transparency }: PngChunks,
  { data, channels }: Pixels,
  asIndices: boolean,
  name: string,
): void {
  const colours = Math.floor(palette.length / 3);
  // The samples that each index stands for, one after the other.
  const table = new Uint8Array(256 * channels);
  for (let index = 0; index < colours; index++)
    if (asIndices) table[index] = index;
    else {
      table.set(palette.subarray(3 * index, 3 * index + 3), channels * index);
      if (channels === 4) table[4 * index + 3] = transparency?.[index] ?? 255;
    }
  let to = 0;
  for (let row = 0; row < height; row++) {
    const start = row * (1 + rowBytes) + 1;
    for (let at = start; at < start + width; at++) {
      const index = rows[at] ?? 0;
      if (index >= colours)
        throw broken(name, `a pixel of the PNG file has colour ${index} of a palette of ${colours}`);
      for (let from = index * channels; from < (index + 1) * channels; from++) data[to++] = table[from] ?? 0;
    }
  }
}

/** The pixels of a file that was taken apart; `asIndices` leaves those of a palette as they are. @throws FormatError when its data are damaged, or are not as many as its header declares */
export async function decodePng(chunks: PngChunks, asIndices: boolean, name: string): Promise<Pixels> {
  const { header, data } = chunks;
  const { width, height, channels } = pngHeader(chunks, asIndices);
  const passes = passesOf(header);
  const size = sizeOfPasses(passes);
  const stored = data.reduce((sum, piece) => sum + piece.length, 0);
  if (size > stored * mostInflation)
    throw broken(name, `the PNG header declares ${width} x ${height} pixels, for which ${stored} bytes are too few`);
  const rows = await inflate(
    data.map((piece) => new Uint8Array(piece)),
    size,
    name,
  );
  const area = width * height * channels;
  const decoded = header.bits === 16 ? new Uint16Array(area) : new Uint8Array(area);
  const pixels = { data: decoded, width, height, channels, stride: channels };
  const put = putOf(chunks, pixels, asIndices, name);
  const isPlain = header.bits === 8 && !header.interlaced && header.colourType !== 3 && channels === header.samples;
  const isIndexed = header.bits === 8 && !header.interlaced && header.colourType === 3;
  let at = 0;
  for (const pass of passes) {
    const ofPass = rows.subarray(at, at + pass.height * (1 + pass.rowBytes));
    unfilter(ofPass, pass, Math.max(1, (header.bits * header.samples) >> 3), name);
    if (isIndexed) putIndexed(ofPass, pass, chunks, pixels, asIndices, name);
    else if (isPlain)
      for (let row = 0; row < height; row++) {
        const start = row * (1 + pass.rowBytes) + 1;
        decoded.set(ofPass.subarray(start, start + pass.rowBytes), row * pass.rowBytes);
      }
    else putPass(ofPass, pass, chunks, pixels, put);
    at += ofPass.length;
  }
  return pixels;
}
