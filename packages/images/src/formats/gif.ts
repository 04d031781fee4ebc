// The first frame of a GIF file (GIF89a, CompuServe 1990), on the canvas that the file declares.
import { broken } from "../broken.ts";
import type { Header, Pixels } from "../image.ts";

interface GifHeader extends Header {
  /** The frame on the canvas: left, top, width, height. */
  readonly frame: readonly [left: number, top: number, width: number, height: number];
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  /** The colour that is not drawn. */
  readonly clear: number | undefined;
  /** Where the compressed indices begin. */
  readonly start: number;
}

const mostCodes = 4096;

function cut(name: string): Error {
  return broken(name, "the GIF file is cut short before the end of its first frame");
}

/** The sub-blocks from `at`, joined, and where they end. */
function blocksAt(bytes: Uint8Array, at: number, name: string): [content: Uint8Array, end: number] {
  const pieces: Uint8Array[] = [];
  for (let from = at; ;) {
    const length = bytes[from];
    if (length === undefined || from + 1 + length > bytes.length) throw cut(name);
    if (length === 0) {
      const content = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
      let to = 0;
      for (const piece of pieces) {
        content.set(piece, to);
        to += piece.length;
      }
      return [content, from + 1];
    }
    pieces.push(bytes.subarray(from + 1, from + 1 + length));
    from += 1 + length;
  }
}

function paletteAt(bytes: Uint8Array, at: number, flags: number, name: string): Uint8Array {
  const length = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  if (at + length > bytes.length) throw cut(name);
  return bytes.subarray(at, at + length);
}

/** All before the first frame's indices. @throws FormatError when it is damaged, cut, or without a frame */
export function readGifHeader(bytes: Uint8Array, name: string): GifHeader {
  if (bytes.length < 13) throw cut(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  if (width === 0 || height === 0) throw broken(name, `the GIF file declares ${width} x ${height} pixels`);
  const common = paletteAt(bytes, 13, view.getUint8(10), name);
  let clear: number | undefined;
  for (let at = 13 + common.length; ;) {
    const kind = bytes[at];
    if (kind === 0x21) {
      const [content, end] = blocksAt(bytes, at + 2, name);
      if (bytes[at + 1] === 0xf9) clear = (content[0] ?? 0) & 1 ? content[3] : undefined;
      at = end;
      continue;
    }
    if (kind === undefined) throw cut(name);
    if (kind !== 0x2c) throw broken(name, `the GIF file has no frame: block ${kind} at byte ${at}`);
    if (at + 10 > bytes.length) throw cut(name);
    const [left, top] = [view.getUint16(at + 1, true), view.getUint16(at + 3, true)];
    const [columns, rows] = [view.getUint16(at + 5, true), view.getUint16(at + 7, true)];
    if (columns === 0 || rows === 0 || left + columns > width || top + rows > height)
      throw broken(
        name,
        `the GIF file's frame of ${columns} x ${rows} at ${left}, ${top} is not on its canvas of ${width} x ${height}`,
      );
    const flags = view.getUint8(at + 9);
    const own = paletteAt(bytes, at + 10, flags, name);
    const palette = own.length > 0 ? own : common;
    if (palette.length === 0) throw broken(name, "the GIF file has no palette");
    const isWhole = columns === width && rows === height && clear === undefined;
    return {
      format: "gif",
      width,
      height,
      channels: isWhole ? 3 : 4,
      bits: 8,
      orientation: 1,
      frame: [left, top, columns, rows],
      interlaced: (flags & 0x40) !== 0,
      palette,
      clear,
      start: at + 10 + own.length,
    };
  }
}

/** GIF's variant of LZW: `count` indices. @throws FormatError for codes that do not exist, or too few of them */
function unpacked(packed: Uint8Array, firstBits: number, count: number, name: string): Uint8Array {
  if (firstBits < 1 || firstBits > 11) throw broken(name, `the GIF file has codes of ${firstBits} bits`);
  if (count > ((8 * packed.length) / firstBits) * mostCodes)
    throw broken(name, `the GIF file has ${packed.length} bytes for ${count} pixels: they are too few`);
  const [clear, end] = [2 ** firstBits, 2 ** firstBits + 1];
  const [before, last, lengths] = [new Uint16Array(mostCodes), new Uint8Array(mostCodes), new Uint16Array(mostCodes)];
  for (let code = 0; code < clear; code++) {
    last[code] = code;
    lengths[code] = 1;
  }
  const indices = new Uint8Array(count);
  let [bits, next, previous, first] = [firstBits + 1, end + 1, -1, 0];
  let [held, holds, at, filled] = [0, 0, 0, 0];
  while (filled < count) {
    for (; holds < bits && at < packed.length; holds += 8) held |= (packed[at++] ?? 0) << holds;
    if (holds < bits) throw broken(name, `the GIF file ends after ${filled} of ${count} pixels`);
    const code = held & (2 ** bits - 1);
    held >>>= bits;
    holds -= bits;
    if (code === end) throw broken(name, `the GIF file ends after ${filled} of ${count} pixels`);
    if (code === clear) {
      [bits, next, previous] = [firstBits + 1, end + 1, -1];
      continue;
    }
    const isNew = code === next && previous >= 0;
    if (!isNew && (code >= next || (previous < 0 && code > clear)))
      throw broken(name, `the GIF file has code ${code}, of ${next}`);
    // The string of a new code is the one before, and its own first index again.
    const written = isNew ? previous : code;
    const length = lengths[written] ?? 0;
    let link = written;
    for (let back = length - 1; back >= 0; back--) {
      first = last[link] ?? 0;
      if (filled + back < count) indices[filled + back] = first;
      link = before[link] ?? 0;
    }
    filled += length;
    if (isNew && filled < count) indices[filled] = first;
    if (isNew) filled++;
    if (previous >= 0 && next < mostCodes) {
      before[next] = previous;
      last[next] = first;
      lengths[next] = (lengths[previous] ?? 0) + 1;
      next++;
      if (next === 2 ** bits && bits < 12) bits++;
    }
    previous = code;
  }
  return indices;
}

const [starts, steps] = [
  [0, 4, 2, 1],
  [8, 8, 4, 2],
];

/** The rows of the frame in the order in which the file has them. */
function rowsOf(height: number, interlaced: boolean): number[] {
  const all = Array.from({ length: height }, (_, row) => row);
  if (!interlaced) return all;
  return starts.flatMap((start, pass) => all.filter((row) => row >= start && (row - start) % (steps[pass] ?? 1) === 0));
}

/** RGB, or RGBA where a part of the canvas is not drawn. @throws FormatError when the frame is damaged or cut */
export function decodeGif(bytes: Uint8Array, name: string): Pixels {
  const { width, height, channels, frame, interlaced, palette, clear, start } = readGifHeader(bytes, name);
  const [left, top, columns, rows] = frame;
  const [packed] = blocksAt(bytes, start + 1, name);
  const indices = unpacked(packed, bytes[start] ?? 0, columns * rows, name);
  const data = new Uint8Array(width * height * channels);
  for (const [line, row] of rowsOf(rows, interlaced).entries())
    for (let column = 0; column < columns; column++) {
      const index = indices[line * columns + column] ?? 0;
      if (3 * index >= palette.length)
        throw broken(name, `a pixel of the GIF file has colour ${index}, which it lacks`);
      const to = ((top + row) * width + left + column) * channels;
      for (let channel = 0; channel < 3; channel++) data[to + channel] = palette[3 * index + channel] ?? 0;
      if (channels === 4) data[to + 3] = index === clear ? 0 : 255;
    }
  return { data, width, height, channels, stride: channels };
}
