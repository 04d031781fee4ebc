// One file from several mirrors, tried in turn; what arrived of it before a connection broke is not fetched again.
import { FormatError } from "@stria/core";
import { DownloadError } from "./download-error.ts";
import { type DownloadProgress, fetchFile, forget, type Received } from "./fetch-file.ts";
import { joined } from "./joined.ts";
import type { Store } from "./store.ts";

export interface DownloadOptions {
  /** The file's name. */
  readonly file: string;
  readonly addresses: readonly string[];
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly patience: number;
  /** Where it was looked for before, and what the user can do; both for the error. */
  readonly absent: string;
  readonly remedy: string;
  /** Where a part is kept, if the download does not end, for the next time. */
  readonly parts?: Store | undefined;
}

const keptTogether = 4 * 2 ** 20; // bytes

const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

/**
 * Downloads one file, and gives what `accept` makes of it.
 * @param accept checks the bytes; where it throws, the next address is tried
 * @throws DownloadError that lists what happened at each address; the reason of `signal` when that is aborted
 */
export async function download<Accepted>(
  options: DownloadOptions,
  accept: (bytes: Uint8Array<ArrayBuffer>, address: string) => Promise<Accepted>,
): Promise<Accepted> {
  const { file, addresses, parts, absent, remedy } = options;
  const part = `${file}.part`;
  const kept = await parts?.read(part, options.limit).catch((error: unknown) => {
    if (error instanceof FormatError) return undefined; // longer than the file: not a part of it
    throw error;
  });
  const received: Received = { pieces: kept ? [kept] : [], length: kept?.length ?? 0, saved: kept ? 1 : 0 };
  const faults: string[] = [];
  let keeping = true;

  /** Whether it ended well: with the accepted file, else with undefined and a fault noted. */
  async function tryAddress(address: string): Promise<{ readonly accepted: Accepted } | undefined> {
    const resumed = received.length > 0;
    try {
      await fetchFile(address, received, { ...options, arrived });
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      faults.push(error.message.replace(/\. Remedy: .*/s, ""));
      return undefined;
    }
    try {
      return { accepted: await accept(joined(received.pieces, received.length), address) };
    } catch (error) {
      forget(received);
      if (resumed) return tryAddress(address); // the part from before may be what is wrong
      faults.push(
        `${address}: ${error instanceof Error ? error.message.replace(/\. Remedy: .*/s, "") : String(error)}`,
      );
      return undefined;
    }
  }

  /** Keeps what is new. Where that fails, all is fetched again the next time. */
  async function keepPart(): Promise<void> {
    if (!keeping) return;
    try {
      const pieces = received.pieces.slice(parts?.append ? received.saved : 0);
      const fresh = joined(pieces, lengthOf(pieces));
      if (received.length === 0) await parts?.remove(part);
      else if (received.saved > 0 && parts?.append) await parts.append(part, fresh);
      else await parts?.write(part, fresh);
      received.saved = received.pieces.length;
    } catch {
      keeping = false;
    }
  }

  /** Now and then, so that little is lost when the process ends in the middle. */
  async function arrived(): Promise<void> {
    if (parts?.append && lengthOf(received.pieces.slice(received.saved)) >= keptTogether) await keepPart();
  }

  try {
    for (const address of addresses) {
      const result = await tryAddress(address);
      if (result === undefined) continue;
      await parts?.remove(part);
      return result.accepted;
    }
  } catch (error) {
    await keepPart();
    throw error;
  }
  await keepPart();
  throw new DownloadError(file, `${absent}, and it could not be downloaded: ${faults.join("; ")}`, remedy);
}
