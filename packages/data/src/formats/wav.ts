// WAV files (RIFF WAVE): samples as numbers from -1 to 1, a list for each channel.
import { FormatError } from "@stria/core";

export interface Sound {
  /** Samples a second. */
  readonly sampleRate: number;
  /** Samples from -1 to 1, of one channel after the other. */
  readonly channels: readonly Float32Array[];
}

interface Layout {
  readonly encoding: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bits: number;
}

const [pcm, float, extensible] = [1, 3, 0xfffe];

/** How a sample of so many bits is read, from -1 to 1; bytes are unsigned, all others signed. */
function readerOf({ encoding, bits }: Layout, view: DataView): ((at: number) => number) | undefined {
  switch (`${encoding}:${bits}`) {
    case `${pcm}:8`:
      return (at) => (view.getUint8(at) - 128) / 128;
    case `${pcm}:16`:
      return (at) => view.getInt16(at, true) / 32768;
    case `${pcm}:24`:
      return (at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 8388608;
    case `${pcm}:32`:
      return (at) => view.getInt32(at, true) / 2147483648;
    case `${float}:32`:
      return (at) => view.getFloat32(at, true);
    case `${float}:64`:
      return (at) => view.getFloat64(at, true);
    default:
      return undefined;
  }
}

const remedy = "it must be a WAV file with 8, 16, 24 or 32-bit integers, or floats";

/** The chunks of the file, by their four letters; of several of a name the first. */
function chunksOf(view: DataView, name: string): Map<string, DataView> {
  const letters = (at: number): string =>
    at + 4 <= view.byteLength ? String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4)) : "";
  if (letters(0) !== "RIFF" || letters(8) !== "WAVE")
    throw new FormatError(name, "it does not begin as a WAV file", remedy);
  const chunks = new Map<string, DataView>();
  let at = 12;
  while (at + 8 <= view.byteLength) {
    const [id, length] = [letters(at), view.getUint32(at + 4, true)];
    const left = view.byteLength - at - 8;
    if (length > left && id !== "data")
      throw new FormatError(name, `its part "${id}" of ${length} bytes is cut off`, "get the file again");
    // Programs that write while they record leave a length that is too large, or none: the sound goes to the end then.
    if (!chunks.has(id)) chunks.set(id, new DataView(view.buffer, view.byteOffset + at + 8, Math.min(length, left)));
    at += 8 + length + (length % 2);
  }
  return chunks;
}

function layoutOf(chunk: DataView | undefined, name: string): Layout {
  if (!chunk || chunk.byteLength < 16) throw new FormatError(name, "it does not say how its samples lie", remedy);
  const code = chunk.getUint16(0, true);
  const encoding = code === extensible && chunk.byteLength >= 26 ? chunk.getUint16(24, true) : code;
  const layout = {
    encoding,
    channels: chunk.getUint16(2, true),
    sampleRate: chunk.getUint32(4, true),
    bits: chunk.getUint16(14, true),
  };
  if (layout.channels === 0 || layout.sampleRate === 0)
    throw new FormatError(name, `it has ${layout.channels} channels at ${layout.sampleRate} samples a second`, remedy);
  return layout;
}

/**
 * Reads a WAV file: integers of 8, 16, 24 and 32 bits, floats of 32 and 64.
 * @param name what to call the file in errors
 * @throws FormatError for what is no WAV file, is cut off before its sound, or is compressed
 * @example const { sampleRate, channels } = readWav(await readFile("7_jackson_0.wav"), "7_jackson_0.wav");
 */
export function readWav(bytes: Uint8Array, name: string): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = chunksOf(view, name);
  const layout = layoutOf(chunks.get("fmt "), name);
  const data = chunks.get("data");
  if (!data) throw new FormatError(name, "there is no sound in it", "get the file again");
  const read = readerOf(layout, data);
  if (!read) throw new FormatError(name, `its samples are of kind ${layout.encoding} with ${layout.bits} bits`, remedy);
  const sampleBytes = layout.bits / 8;
  const frameBytes = sampleBytes * layout.channels;
  const frames = Math.floor(data.byteLength / frameBytes);
  const channels = Array.from({ length: layout.channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame++) samples[frame] = read(frame * frameBytes + channel * sampleBytes);
    return samples;
  });
  return { sampleRate: layout.sampleRate, channels };
}
