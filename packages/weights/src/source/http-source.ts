// A file at an address as a source: parts by range requests where the server knows them, else the whole file, once.
import { DownloadError, joined } from "@stria/download";
import { type ByteSource, bytesSource } from "./byte-source.ts";

const firstBytes = 2 ** 16; // has the header of most files in it

/** All of a body. @throws DownloadError when more than `limit` comes */
async function bodyOf(response: Response, address: string, limit: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    length += next.value.length;
    pieces.push(next.value);
    if (length > limit) {
      await reader?.cancel();
      throw new DownloadError(
        address,
        `the server sends more than the ${limit} bytes that it was asked for`,
        "download the whole file first, and read that",
      );
    }
  }
  return joined(pieces, length);
}

/** What a part says of the whole file; undefined where the server, or its CORS headers, do not tell. */
function totalOf(response: Response, begin: number): number | undefined {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "") ?? [];
  return Number(first) === begin && total !== undefined && Number.isSafeInteger(Number(total))
    ? Number(total)
    : undefined;
}

/** Opens the file at `address`. @throws DownloadError when the server refuses or the connection breaks; the reason of `signal` when that is aborted */
export async function httpSource(address: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  const fail = (fault: string, cause?: unknown): never => {
    throw new DownloadError(
      address,
      fault,
      "check the address and the connection, or download the file and read that",
      {
        cause,
      },
    );
  };

  /** A part of the file; the whole file without `range`. */
  async function ask<Answer>(
    range: string | undefined,
    take: (response: Response) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      const response = await fetch(address, { ...(signal && { signal }), ...(range && { headers: { Range: range } }) });
      if (response.ok || response.status === 416) return await take(response);
      await response.body?.cancel();
      return fail(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof DownloadError) throw cause;
      const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
      return fail(reason instanceof Error ? `no connection (${reason.message})` : "no connection", cause);
    }
  }

  const beside = async (name: string): Promise<ByteSource> => httpSource(new URL(name, address).href, signal);
  const whole = async (response: Response): Promise<ByteSource> => {
    if (response.status !== 200) return fail(`the server answered ${response.status} to a request for all of the file`);
    return { ...bytesSource(await bodyOf(response, address, Infinity), address), beside };
  };

  const opened = await ask(`bytes=0-${firstBytes - 1}`, async (response) => {
    if (response.status === 200) return whole(response);
    const total = response.status === 206 ? totalOf(response, 0) : undefined;
    if (total !== undefined)
      return { total, version: versionOf(response), head: await bodyOf(response, address, firstBytes) };
    await response.body?.cancel();
    return undefined;
  });
  if (opened === undefined) return ask(undefined, whole);
  if ("read" in opened) return opened;
  const { total, version, head } = opened;
  return {
    name: address,
    length: total,
    beside,
    close: async () => undefined,
    read: async (begin, end) => {
      if (end <= head.length) return head.subarray(begin, end);
      return ask(`bytes=${begin}-${end - 1}`, async (response) => {
        if (response.status !== 206 || totalOf(response, begin) !== total || versionOf(response) !== version) {
          await response.body?.cancel();
          return fail("the file has changed while it was read, or the server no longer sends parts of it");
        }
        const bytes = await bodyOf(response, address, end - begin);
        return bytes.length === end - begin
          ? bytes
          : fail(`the server sent ${bytes.length} bytes where it was asked for ${end - begin}`);
      });
    },
  };
}

/** What changes when the file does; null where the server does not tell. */
function versionOf(response: Response): string | null {
  return response.headers.get("etag") ?? response.headers.get("last-modified");
}
