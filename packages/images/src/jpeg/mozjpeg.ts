// MozJPEG as WebAssembly, where there is no browser to decode: libjpeg's own numbers, bit for bit.
import type { Pixels } from "../image.ts";

/** Pixels beyond which the memory of the decoder is not kept for the next image. */
const kept = 2 ** 24;
/** Damage that changes no pixel: bytes that nobody asked for. */
const harmless = /^Corrupt JPEG data: \d+ extraneous bytes before marker/;

/** What the library says about the image in hand. */
let said: string[] = [];
let queue: Promise<unknown> = Promise.resolve();
let isFresh = false;

interface Settings {
  readonly noInitialRun: boolean;
  readonly wasmBinary: Uint8Array;
  print(line: string): void;
  printErr(line: string): void;
}

function settings(wasmBinary: Uint8Array): Settings {
  const listen = (line: string): void => void said.push(line);
  return { noInitialRun: true, wasmBinary, print: listen, printErr: listen };
}

/** The bytes of one of the library's files. */
async function libraryFile(path: string): Promise<Uint8Array> {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  return readFile(createRequire(import.meta.url).resolve(path));
}

let decoder: Promise<Uint8Array> | undefined;
let encoder: Promise<Uint8Array> | undefined;

/** Calls one after the other: what the library says has no other address. */
async function inTurn<Result>(call: () => Promise<Result>): Promise<Result> {
  const result = queue.then(call);
  queue = result.catch(() => undefined);
  return result;
}

async function decodeAlone(bytes: Uint8Array): Promise<Pixels> {
  const { default: decode, init } = await import("@jsquash/jpeg/decode.js");
  decoder ??= libraryFile("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  if (!isFresh) await init(settings(await decoder));
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
  isFresh = width * height <= kept;
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
      await init(settings(await encoder));
    }
    return new Uint8Array(await encode(image, { quality }));
  });
}
