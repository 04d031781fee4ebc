// The contents of one entry of a zip archive, inflated by the platform, never to more than the directory states and the budget allows.
import type { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { crc32 } from "./crc32.ts";
import type { ZipEntry } from "./read-zip.ts";

/** Inflates into `length` bytes; undefined when it is no deflate stream of that many. Holds one chunk besides. */
async function inflate(packed: Uint8Array, length: number): Promise<Uint8Array | undefined> {
  const contents = new Uint8Array(length);
  let at = 0;
  const input = new Blob([packed.slice()]).stream();
  const reader = input.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return at === length ? contents : undefined;
      if (at + value.length > length) break;
      contents.set(value, at);
      at += value.length;
    }
  } catch {
    return undefined;
  }
  await reader.cancel().catch(() => undefined); // rejects with what else is wrong with the stream
  return undefined;
}

/**
 * What `entry` contains, verified by its checksum: a view of the archive where it is stored, else inflated.
 * @throws FormatError when it is damaged, or would grow beyond what the file's size explains
 */
export async function unpack(name: string, entry: ZipEntry, budget: Budget): Promise<Uint8Array> {
  const { packed, deflated, length, crc } = entry;
  const what = `the entry ${JSON.stringify(name)} of the zip archive`;
  if (deflated) budget.spend(length + packed.length, what);
  const contents = deflated ? await inflate(packed, length) : packed;
  if (contents === undefined)
    return refuse(budget.source, `${what} cannot be inflated to the ${length} bytes that it should have`);
  if (crc32(contents) !== crc) return refuse(budget.source, `${what} is damaged: its checksum is wrong`);
  return contents;
}
