// zlib data of a known size, decompressed by the platform into memory that is bounded before it begins.
import type * as Zlib from "node:zlib";
import { broken } from "../broken.ts";

/** What some writers leave behind the last row. */
const slack = 65536;

function tooMuch(name: string, size: number): Error {
  return broken(name, `the PNG data decompress to more than the ${size} bytes that the header declares`);
}

/** In Node, on a thread of its pool. */
async function inflateInNode(zlib: typeof Zlib, pieces: readonly Uint8Array[], size: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    zlib.inflate(Buffer.concat(pieces), { maxOutputLength: size + slack }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}

async function inflateInBrowser(pieces: readonly Uint8Array<ArrayBuffer>[], size: number): Promise<Uint8Array> {
  const result = new Uint8Array(size);
  let length = 0;
  const reader = new Blob([...pieces]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return result.subarray(0, Math.min(length, size));
    if (length < size) result.set(value.subarray(0, size - length), length);
    length += value.length;
    if (length <= size + slack) continue;
    await reader.cancel().catch(() => undefined); // rejects with what else is wrong with the stream
    throw new RangeError("more than was declared");
  }
}

/** `size` bytes out of zlib data. @throws FormatError when they are damaged, or fewer or far more come out */
export async function inflate(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  size: number,
  name: string,
): Promise<Uint8Array> {
  const zlib = typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:zlib");
  let bytes: Uint8Array;
  try {
    bytes = zlib ? await inflateInNode(zlib, pieces, size) : await inflateInBrowser(pieces, size);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooMuch(name, size);
    throw broken(name, "the PNG data cannot be decompressed: they are damaged or cut short", { cause });
  }
  if (bytes.length < size)
    throw broken(name, `the PNG data end after ${bytes.length} of the ${size} bytes that the header declares`);
  return bytes;
}
