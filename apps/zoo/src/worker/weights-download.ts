// Weights from an address: with their hash they are verified and kept in the browser's cache, without it they are fetched each time.
import { DownloadError, type DownloadProgress, type ObtainedFile, download } from "@stria/download";
import { downloadWeights } from "@stria/weights";
import type { WeightsReport } from "../messages.ts";
import { Refusal } from "./refusal.ts";

/** Of a file without a hash, whose size nobody has told. */
const largest = 2 ** 30;
const patience = 15_000;
/** What a user can do in a page where a server lets no other page read its file. */
const inPage = "Check the address; or download the file yourself and drop it here.";

export interface Fetched extends ObtainedFile {
  /** Whether the browser's cache has it now, or had it before. */
  readonly cache: WeightsReport["cache"];
}

/** GitHub lets pages of others read its files at another address than the one that it shows. */
function readable(url: string): string {
  return url.replace(/^https:\/\/github\.com\/([^/]+\/[^/]+)\/(?:raw|blob)\//, "https://raw.githubusercontent.com/$1/");
}

function nameOf(url: string): string {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last) || url;
  } catch {
    return last;
  }
}

/**
 * The file at an address; `sha256`, where it is known, is the hash or its first digits.
 * @throws Refusal where it cannot be had, or is not the file that it is to be; AttributeError for a hash that is none
 */
export async function fetchWeights(
  url: string,
  sha256: string | undefined,
  onProgress: (progress: DownloadProgress) => void,
): Promise<Fetched> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Refusal(`"${url}" is no address. Give one that begins with https://.`);
  const [name, address] = [nameOf(url), readable(url)];
  let cache: WeightsReport["cache"] = "found";
  const told = (progress: DownloadProgress): void => {
    cache = "kept";
    onProgress({ ...progress, file: name });
  };
  try {
    if (sha256 !== undefined) {
      const file = await downloadWeights({ name, url: address, sha256 }, { onProgress: told, patience });
      // In the cache it may be called otherwise; where it could not be kept, it is still at its address.
      return { ...file, name, cache: file.where === address ? undefined : cache };
    }
    return await download(
      {
        file: name,
        addresses: [address],
        limit: largest,
        onProgress: told,
        patience,
        absent: "it is kept nowhere, since its SHA-256 is not known",
        remedy: inPage,
      },
      async (bytes, where) => ({ name, bytes, where, cache: undefined }),
    );
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    // The remedies of the error are a program's; the user of a page has others.
    throw new Refusal(`${error.message.replace(/\. Remedy: .*/s, "")}. Nothing of it was used. ${inPage}`, {
      cause: error,
    });
  }
}
