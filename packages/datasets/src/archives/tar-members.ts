// The files in a tar archive as they come, compressed by gzip or not; no more than one of them is held.
import { FormatError, StriaError } from "@stria/core";
import { safePath } from "../files/safe-path.ts";
import { ByteReader } from "./byte-reader.ts";
import { blockBytes, isEnd, readLongName, readPax, readTarHeader } from "./tar-header.ts";

/** A file in an archive. */
export interface TarMember {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface TarOptions {
  /** The most bytes that one file may declare: more is refused before memory is taken. Default: 256 MiB. */
  readonly limit?: number;
}

const usualLimit = 2 ** 28;
/** The most that a header with a long name may hold. */
const longestName = 2 ** 20;

/** The stream, decompressed where it begins as gzip does. */
async function unzipped(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const reader = stream.getReader();
  const held: Uint8Array<ArrayBuffer>[] = [];
  const start: number[] = [];
  while (start.length < 2) {
    const { done, value } = await reader.read();
    if (done) break;
    held.push(value);
    start.push(...value.subarray(0, 2));
  }
  const again = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const first = held.shift();
        if (first) return controller.enqueue(first);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return start[0] === 0x1f && start[1] === 0x8b ? again.pipeThrough(new DecompressionStream("gzip")) : again;
}

/** @throws FormatError when the archive ends here without its mark */
function checkWhole(found: number, wanted: number, reader: ByteReader, name: string): void {
  if (found === wanted) return;
  const fault =
    reader.position === 0
      ? "the archive is empty"
      : reader.position < blockBytes
        ? "it is no tar archive"
        : `the archive is cut short: it ends after ${reader.position} bytes, without its end mark`;
  throw new FormatError(name, fault, "get it again");
}

async function* membersOf(reader: ByteReader, name: string, limit: number): AsyncGenerator<TarMember> {
  let longName: string | undefined;
  for (;;) {
    const at = reader.position;
    const block = await reader.take(blockBytes);
    checkWhole(block.length, blockBytes, reader, name);
    if (isEnd(block)) return;
    const header = readTarHeader(block);
    if (!header)
      throw new FormatError(
        name,
        at === 0 ? "it is no tar archive" : `the header at byte ${at} of the archive is damaged`,
        "get it again",
      );
    const { path, size, type } = header;
    const isName = type === "x" || type === "L";
    const most = isName ? longestName : limit;
    if (!(size <= most))
      throw new FormatError(
        name,
        `the member at byte ${at} declares ${size} bytes, more than the limit of ${most}`,
        isName ? "get the archive again" : "raise the option limit if you trust the archive",
      );
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    if (!isName && type !== "0" && type !== "7") {
      checkWhole(await reader.skip(size + padding), size + padding, reader, name);
      if (type !== "g" && type !== "K") longName = undefined; // these stand before the member itself
      continue;
    }
    const bytes = await reader.take(size);
    checkWhole(bytes.length, size, reader, name);
    checkWhole(await reader.skip(padding), padding, reader, name);
    if (type === "x") longName = readPax(bytes, name).get("path") ?? longName;
    else if (type === "L") longName = readLongName(bytes);
    else {
      const known = safePath(longName ?? path, name);
      longName = undefined;
      yield { path: known, bytes };
    }
  }
}

/**
 * The regular files of an archive, one after the other, read no further than they are asked for. Folders and links are passed over.
 * @param name what to call the archive in errors
 * @throws FormatError when it is no archive, damaged, cut short, declares a file beyond the limit, or names one outside of its folder; what the stream throws
 */
export async function* tarMembers(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  name: string,
  { limit = usualLimit }: TarOptions = {},
): AsyncGenerator<TarMember> {
  const reader = new ByteReader(await unzipped(stream));
  try {
    yield* membersOf(reader, name, limit);
  } catch (cause) {
    if (cause instanceof StriaError) throw cause; // it names what is wrong
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(name, `the archive is damaged or cut short (${reason})`, "get it again", { cause });
  } finally {
    await reader.cancel();
  }
}
