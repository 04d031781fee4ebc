// One published file whose hash is known: found where the user has it, else downloaded, verified and kept.
import { AttributeError } from "@stria/core";
import { DownloadError } from "./download-error.ts";
import { download } from "./download.ts";
import type { DownloadProgress } from "./fetch-file.ts";
import { placesOf } from "./places.ts";
import { sha256 } from "./sha256.ts";

/** A file that somebody published. */
export interface KnownFile {
  /** What it is called where it is kept. */
  readonly name: string;
  /** What else it may be called where the user has it. */
  readonly otherNames?: readonly string[];
  /** The folder that it is looked for and kept in, below those of all data and of the cache: "weights". */
  readonly folder: string;
  /** Where it is published. */
  readonly addresses: readonly string[];
  /** Its SHA-256 in hexadecimal digits, or the first eight or more of them. */
  readonly sha256: string;
}

export interface ObtainFileOptions {
  /**
   * Where the file is, or a folder with the file's folder in it; there it is kept when it is downloaded. In a browser, the address of such a folder.
   * Default: the folder that the environment variable `STRIA_DATA` names, then the cache: `STRIA_CACHE`, or the user's cache folder.
   */
  readonly dataDir?: string;
  /** Whether to download what is not found. Default: true. */
  readonly download?: boolean;
  /** Addresses of folders to try before the public one. */
  readonly mirrors?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which an address is given up. Default: 15,000. */
  readonly patience?: number;
}

export interface ObtainedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it is now: a path, a place in the browser's cache, or the address where it could not be kept. */
  readonly where: string;
}

const hashPattern = /^[0-9a-f]{8,64}$/i;

/**
 * The file, verified each time; {@link ObtainFileOptions} says where it is looked for. A file of its name with another hash is passed over: it is
 * another one, or damaged, and replaced in the cache.
 * @throws DownloadError when it is neither there nor can be downloaded, which says what happened at each place and what to do; AttributeError when the
 * hash is none; the reason of `signal` when that is aborted
 */
export async function obtainFile(file: KnownFile, options: ObtainFileOptions = {}): Promise<ObtainedFile> {
  const { dataDir, download: mayDownload = true, mirrors = [], signal, onProgress, patience = 15_000 } = options;
  const { name } = file;
  if (!hashPattern.test(file.sha256))
    throw new AttributeError(
      name,
      `${JSON.stringify(file.sha256)} is no SHA-256`,
      "give its 64 hexadecimal digits, or the first 8 or more",
    );
  const { look, keep, addresses } = placesOf({ name: file.folder }, dataDir);
  const names = [name, ...(file.otherNames ?? [])];
  const faults: string[] = [];

  /** What is wrong with the bytes, if anything. */
  async function faultOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    const found = await sha256(bytes);
    return found.startsWith(file.sha256.toLowerCase())
      ? undefined
      : `the SHA-256 is ${found} instead of ${file.sha256}`;
  }

  for (const store of look)
    for (const candidate of names) {
      signal?.throwIfAborted();
      const bytes = await store.read(candidate, Infinity);
      if (bytes === undefined) continue;
      const fault = await faultOf(bytes);
      if (fault === undefined) return { name, bytes, where: store.locate(candidate) };
      faults.push(`${store.locate(candidate)} is another file, or damaged: ${fault}`);
    }

  const places = look.map((store) => store.locate("")).join(", ") || "nothing is cached";
  const absent = `not found (${[places, ...faults].join("; ")})`;
  const target = keep?.locate(name) ?? "a folder beside the page, and pass its address as dataDir";
  const remedy = `connect to the network, or get ${file.addresses[0] ?? "the file"} by other means and put it into ${target}; or pass dataDir, the folder where it is`;
  if (!mayDownload) throw new DownloadError(name, `${absent}, and download is false`, remedy);
  const folders = [...mirrors, ...addresses].map((address) => address.replace(/\/?$/, "/"));
  const sources = [...folders.flatMap((folder) => names.map((candidate) => folder + candidate)), ...file.addresses];
  const accept = async (bytes: Uint8Array<ArrayBuffer>, address: string): Promise<ObtainedFile> => {
    const fault = await faultOf(bytes);
    if (fault !== undefined) throw new DownloadError(name, fault, remedy);
    const kept = await keep?.write(name, bytes).then(
      () => true,
      () => false, // the file is good all the same: it will be fetched again next time
    );
    return { name, bytes, where: kept && keep ? keep.locate(name) : address };
  };
  const request = { file: name, addresses: sources, limit: Infinity, signal, onProgress, patience, absent, remedy };
  return download({ ...request, parts: keep }, accept);
}
