// A published data set that is an archive of files: found where the user has it, else downloaded, verified and kept.
import { FormatError } from "@stria/core";
import { download, DownloadError, type DownloadProgress, placesOf } from "@stria/download";
import { archiveFiles } from "../archives/archive-files.ts";
import { type Files, filesOf, type FileSource } from "../files/file-source.ts";
import { FolderError } from "../files/folder-error.ts";
import { contentsHash } from "./contents-hash.ts";
import { findFolder, folderWith } from "./find-folder.ts";

/** A set as it was published. */
export interface PublishedSet {
  readonly name: string;
  /** A file that its folder has. */
  readonly mark: string;
  /** The folders that matter. */
  readonly folders: readonly string[];
  /** The hash of what is in them ({@link contentsHash}): archives that a server packs anew differ in bytes. */
  readonly contents: string;
  /** Where to get it by hand. */
  readonly page: string;
  /** Addresses of gzipped tar archives. */
  readonly archives: readonly string[];
  /** The most bytes that the archive may have. */
  readonly bytes: number;
}

export interface PublishedOptions {
  /**
   * Its folder, or one with a folder of the set's name in it; in a page its handle or its files. What is not there is an error. Default: the folder that the environment variable `STRIA_DATA` names, then
   * the cache, then it is downloaded.
   */
  readonly from?: Files;
  /** Whether to download what is not found. Default: true. */
  readonly download?: boolean;
  /** Addresses of archives to try before the public ones. */
  readonly mirrors?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which an address is given up. Default: 15,000. */
  readonly patience?: number;
}

/** @throws FormatError when the archive has other contents than those that were published */
async function opened(set: PublishedSet, bytes: Uint8Array<ArrayBuffer>, where: string): Promise<FileSource> {
  const again = "delete it and get it again";
  const folder = await folderWith(await archiveFiles(bytes, { name: where }), set.mark);
  if (!folder) throw new FormatError(where, `there is no ${set.mark} in it`, again);
  const found = await contentsHash(folder, set.folders);
  if (found !== set.contents)
    throw new FormatError(where, `the hash of its contents is ${found} instead of ${set.contents}`, again);
  return folder;
}

/**
 * The files of a set; {@link PublishedOptions} says where they are looked for.
 * @throws FolderError when `from` does not have them; DownloadError when they are nowhere and cannot be downloaded; FormatError when a kept archive is another one; the reason of `signal` when that is aborted
 */
export async function publishedFolder(set: PublishedSet, options: PublishedOptions): Promise<FileSource> {
  const { from, download: mayDownload = true, mirrors = [], signal, onProgress, patience = 15_000 } = options;
  const { name, mark, page, archives, bytes: limit } = set;
  const found = await findFolder(name, mark, from);
  if (found) return found;
  const byHand = `get it from ${page}, and pass its folder as the option from`;
  if (from !== undefined) throw new FolderError(name, `it is not in ${filesOf(from).name}`, byHand);

  const file = `${name}.tar.gz`;
  const { look, keep } = placesOf({ name }, undefined);
  for (const store of look) {
    const bytes = await store.read(file, limit);
    if (bytes) return opened(set, bytes, store.locate(file));
  }
  const absent = `not found (${look.map((store) => store.locate("")).join(", ") || "nothing is cached"})`;
  const remedy = `connect to the network, or ${byHand}`;
  if (!mayDownload) throw new DownloadError(name, `${absent}, and download is false`, remedy);
  const addresses = [...mirrors, ...archives];
  const request = { file, addresses, limit, signal, onProgress, patience, parts: keep, absent, remedy };
  return download(request, async (bytes, address) => {
    const folder = await opened(set, bytes, address);
    await keep?.write(file, bytes);
    return folder;
  });
}
