// What the libraries that are WebAssembly have in common: where their files are, what they say, and that they are asked one thing at a time.
import { withImageData } from "../image-data.ts";

/** Pixels beyond which the memory of a decoder is not kept for the next image. */
export const keptPixels: number = 2 ** 24;

/** What a module is made with. */
export interface ModuleSettings {
  readonly noInitialRun: boolean;
  readonly wasmBinary: Uint8Array;
  print(line: string): void;
  printErr(line: string): void;
}

/** Settings for a module that tells `listen` what it has to say. */
export function settingsFor(wasmBinary: Uint8Array, listen: (line: string) => void): ModuleSettings {
  return { noInitialRun: true, wasmBinary, print: listen, printErr: listen };
}

/** The bytes of one of a library's files. */
export async function libraryFile(path: string): Promise<Uint8Array> {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  return readFile(createRequire(import.meta.url).resolve(path));
}

/** Calls of one library, one after the other: what it says has no other address. */
export function queue(): <Result>(call: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return async (call) => {
    const result = last.then(() => withImageData(call));
    last = result.catch(() => undefined);
    return result;
  };
}
