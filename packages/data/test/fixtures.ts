// Small data made on the spot, and where the real ones are looked for.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fillBits, streamKey } from "@stria/core";
import { classLabel, type Dataset, type IterableDataset, type Sample } from "../src/dataset.ts";

/** The folder of real data: STRIA_DATA, or the one beside the repository. */
export const dataFolder: string =
  process.env["STRIA_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

export function hasData(path: string): boolean {
  return existsSync(`${dataFolder}/${path}`);
}

/** Bytes that do not compress well: a file of them stays about as long as it is. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(length);
  fillBits(streamKey(1, "noise"), 0, words);
  return Uint8Array.from(words, (word) => word & 63);
}

/** `length` samples of two numbers, `[i, -i]`, of class i mod `classes`. */
export function counting(length: number, classes = 3): Dataset {
  return {
    length,
    fields: { x: { shape: [2], dtype: "float32" }, y: classLabel(classes) },
    get: (index) => ({ x: Float32Array.of(index, -index), y: index % classes }),
  };
}

/** The same samples, each of which must be waited for. */
export function slowCounting(length: number, asked: number[] = []): Dataset {
  const dataset = counting(length);
  return {
    ...dataset,
    get: async (index) => {
      asked.push(index);
      await new Promise((resolve) => setTimeout(resolve, index % 3));
      return dataset.get(index);
    },
  };
}

/** The same samples, as they come. */
export function streaming(length: number): IterableDataset {
  const { fields, get } = counting(length);
  async function* samples(): AsyncGenerator<Sample> {
    for (let index = 0; index < length; index++) yield get(index);
  }
  return { fields, [Symbol.asyncIterator]: samples };
}

/** A tar archive (ustar) of `files`; `types` gives members by number another type than that of a file. */
export function tarOf(
  files: readonly (readonly [path: string, bytes: Uint8Array])[],
  types: Record<number, string> = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const [number, [path, bytes]] of files.entries()) {
    const header = Buffer.alloc(512);
    header.write(path, 0, "latin1");
    header.write(bytes.length.toString(8).padStart(11, "0"), 124);
    header.write("        ", 148);
    header.write(types[number] ?? "0", 156);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    parts.push(header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512));
  }
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(1024)]));
}

/** All that comes. */
export async function collected<Item>(items: AsyncIterable<Item> | Iterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
