// One file from one address: bytes as they arrive, with progress, a limit, and an end to waiting.
import { DownloadError } from "./download-error.ts";

/** How far a download is. Bytes are as they are transferred. */
export interface DownloadProgress {
  readonly file: string;
  readonly address: string;
  readonly received: number;
  /** Undefined where the server does not say. */
  readonly total: number | undefined;
}

export interface FetchOptions {
  readonly file: string;
  /** The most bytes to take. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Milliseconds without a byte after which the address is given up. */
  readonly patience: number;
  /** Called after each piece, and waited for. */
  readonly arrived?: (() => Promise<void>) | undefined;
}

/** What arrived so far. The array grows as bytes come, and keeps them when the connection breaks. */
export interface Received {
  pieces: Uint8Array[];
  length: number;
  /** How many of the pieces are kept for the next time. */
  saved: number;
}

function totalOf(response: Response, start: number): number | undefined {
  const stated = Number(response.headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(stated) && !response.headers.has("content-encoding") ? start + stated : undefined;
}

export function forget(received: Received): void {
  received.pieces = [];
  received.length = 0;
  received.saved = 0;
}

/** Where the server's answer begins: where it was asked to, or at 0. */
function startOf(response: Response, asked: number): number {
  if (response.status !== 206) return 0;
  return response.headers.get("content-range")?.startsWith(`bytes ${asked}-`) ? asked : Number.NaN;
}

/**
 * Fetches `address` to its end, adding to `received`; where something is there already, only the rest is asked for.
 * @throws DownloadError when the server refuses, nothing comes for `patience`, the connection breaks, or more than `limit` comes; the
 * reason of `signal` when that is aborted
 */
export async function fetchFile(address: string, received: Received, options: FetchOptions): Promise<void> {
  const { file, limit, signal, onProgress, patience, arrived } = options;
  const stalled = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), patience);
  };
  const fail = (fault: string, cause?: unknown): never => {
    throw new DownloadError(address, fault, "try another address", { cause });
  };
  signal?.throwIfAborted();
  wait();
  try {
    const response = await fetch(address, {
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
      ...(received.length > 0 && { headers: { Range: `bytes=${received.length}-` } }),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      if (response.status === 416 && received.length > 0) {
        forget(received); // there is no such rest: what is there already is not of this file
        return await fetchFile(address, received, options);
      }
      return fail(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const start = startOf(response, received.length);
    if (Number.isNaN(start)) return fail("the server sent another part of the file than it was asked for");
    if (start === 0) forget(received);
    const total = totalOf(response, start);
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      wait();
      received.pieces.push(value);
      received.length += value.length;
      if (received.length > limit) {
        forget(received);
        return fail(`the server sends more than the ${limit} bytes that the file can have`);
      }
      onProgress?.({ file, address, received: received.length, total });
      await arrived?.();
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DownloadError) throw cause;
    if (stalled.signal.aborted) return fail(`nothing came for ${patience / 1000} s`, cause);
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    return fail(reason instanceof Error ? `no connection (${reason.message})` : "no connection", cause);
  } finally {
    clearTimeout(timer);
    stalled.abort(); // ends a body that was left in the middle
  }
}
