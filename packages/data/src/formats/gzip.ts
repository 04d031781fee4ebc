// gzip, by the platform's own decompressor.
import { FormatError } from "@stria/core";
import { joined } from "@stria/download";

/** Whether bytes begin as a gzip file does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file.
 * @param name what to call the file in errors
 * @param limit the most bytes that may come out: a small file may stand for a huge one
 * @throws FormatError when the file is damaged, cut short, or larger than `limit`
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const again = "delete the file and get it again";
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joined(pieces, length);
      length += value.length;
      if (length > limit) break;
      pieces.push(value);
    }
  } catch (cause) {
    throw new FormatError(name, "it cannot be decompressed: it is damaged or cut short", again, { cause });
  }
  await reader.cancel().catch(() => undefined); // rejects with what else is wrong with the stream
  throw new FormatError(name, `it decompresses to more than the ${limit} bytes expected`, again);
}
