// MozJPEG as WebAssembly, where there is no browser to decode: libjpeg's own numbers, bit for bit.
import { keptPixels, libraryFile, queue, settingsFor } from "../codecs/library.ts";
import type { Pixels } from "../image.ts";

/** Damage that changes no pixel: bytes that nobody asked for. */
const harmless = /^Corrupt JPEG data: \d+ extraneous bytes before marker/;

/** What the library says about the image in hand. */
let said: string[] = [];
let isFresh = false;
const listen = (line: string): void => void said.push(line);
const inTurn = queue();

let decoder: Promise<Uint8Array> | undefined;
let encoder: Promise<Uint8Array> | undefined;

async function decodeAlone(bytes: Uint8Array): Promise<Pixels> {
  const { default: decode, init } = await import("@jsquash/jpeg/decode.js");
  decoder ??= libraryFile("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  if (!isFresh) await init(settingsFor(await decoder, listen));
  isFresh = false; // until the image is decoded without fault: a library that gave up in the middle is not used again
  said = [];
  let image: ImageData;
  try {
    image = await decode(bytes.slice().buffer, { preserveOrientation: false });
  } catch (cause) {
    throw new Error(said.at(-1) ?? "it cannot be decoded", { cause });
  }
  const fault = said.find((line) => !harmless.test(line));
  if (fault !== undefined) throw new Error(fault);
  const { width, height } = image;
  isFresh = width * height <= keptPixels;
  return { data: new Uint8Array(image.data), width, height, channels: 3, stride: 4 };
}

/** RGB of a JPEG file, unturned. @throws Error with what the library says of a file that is damaged */
export async function decodeMozjpeg(bytes: Uint8Array): Promise<Pixels> {
  return inTurn(async () => decodeAlone(bytes));
}

/** A JPEG file of RGBA pixels, chroma at half the resolution below quality 90. */
export async function encodeMozjpeg(image: ImageData, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const { default: encode, init } = await import("@jsquash/jpeg/encode.js");
  return inTurn(async () => {
    if (encoder === undefined) {
      encoder = libraryFile("@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm");
      await init(settingsFor(await encoder, listen));
    }
    return new Uint8Array(await encode(image, { quality }));
  });
}
