// One file from several mirrors, tried in turn; what arrived of it before a connection broke is not fetched again.
import { FormatError } from "@stria/core";
import { joined } from "../formats/gzip.ts";
import { DownloadError } from "./download-error.ts";
import { type DownloadProgress, fetchFile, forget, type Received } from "./fetch-file.ts";
import type { Store } from "./store.ts";

export interface DownloadOptions {
  /** The file's name. */
  readonly file: string;
  readonly addresses: readonly string[];
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly patience: number;
  /** Where it was looked for before, and what the user can do; both for the error. */
  readonly absent: string;
  readonly remedy: string;
  /** Where a part is kept, if the download does not end, for the next time. */
  readonly parts?: Store | undefined;
}

/**
 * Downloads one file, and gives what `accept` makes of it.
 * @param accept checks the bytes; where it throws, the next address is tried
 * @throws DownloadError that lists what happened at each address; the reason of `signal` when that is aborted
 */
export async function download<Accepted>(
  options: DownloadOptions,
  accept: (bytes: Uint8Array<ArrayBuffer>) => Promise<Accepted>,
): Promise<Accepted> {
  const { file, addresses, parts, absent, remedy } = options;
  const part = `${file}.part`;
  const kept = await parts?.read(part, options.limit).catch((error: unknown) => {
    if (error instanceof FormatError) return undefined; // longer than the file: not a part of it
    throw error;
  });
  const received: Received = { pieces: kept ? [kept] : [], length: kept?.length ?? 0 };
  const faults: string[] = [];

  /** Whether it ended well: with the accepted file, else with undefined and a fault noted. */
  async function tryAddress(address: string): Promise<{ readonly accepted: Accepted } | undefined> {
    const resumed = received.length > 0;
    try {
      await fetchFile(address, received, options);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      faults.push(error.message.replace(/\. Remedy: .*/s, ""));
      return undefined;
    }
    try {
      return { accepted: await accept(joined(received.pieces, received.length)) };
    } catch (error) {
      forget(received);
      if (resumed) return tryAddress(address); // the part from before may be what is wrong
      faults.push(
        `${address}: ${error instanceof Error ? error.message.replace(/\. Remedy: .*/s, "") : String(error)}`,
      );
      return undefined;
    }
  }

  async function keepPart(): Promise<void> {
    if (received.length > 0) await parts?.write(part, joined(received.pieces, received.length));
    else await parts?.remove(part);
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
