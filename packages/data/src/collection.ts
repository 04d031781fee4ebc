// The files of one published data set: found where the user has them, else downloaded, verified and kept.
import { FormatError } from "@stria/core";
import { download, DownloadError, type DownloadProgress, placesOf, sha256, type Store } from "@stria/download";
import { gunzip, isGzip } from "./formats/gzip.ts";
import { readTar } from "./formats/tar.ts";

/** Size and SHA-256, in lower-case hexadecimal, of bytes as they were published. */
export interface Fingerprint {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * A file as it was published. Where the hash is known of what it contains, it may be compressed, or not, in any way; where it is known of the compressed
 * file only, it must be that file.
 */
export interface PublishedFile {
  /** Its name in a folder; where that ends in `.gz` and the hash is of the contents, the name without it is looked for too. */
  readonly name: string;
  /** Bytes of its contents. */
  readonly bytes: number;
  /** SHA-256 of the contents, where `packed` does not say that of the file. */
  readonly sha256?: string;
  readonly packed?: Fingerprint;
}

/** A data set's files. */
export interface Collection {
  /** What to call it, and the folder that its files are in. */
  readonly name: string;
  /** Other folder names in use for it. */
  readonly folders?: readonly string[];
  readonly files: readonly PublishedFile[];
  /** Where the files, or the archive, are published: addresses of folders, ending in a slash. */
  readonly mirrors: readonly string[];
  /** The gzipped tar archive in which they are published together; `bytes` is the most it may decompress to. */
  readonly archive?: { readonly name: string; readonly bytes: number; readonly packed: Fingerprint };
}

export interface ObtainOptions {
  /**
   * Where the files are, or a folder with theirs in it; what is missing is downloaded into it. In a browser, the address of such a folder.
   * Default: the folder that the environment variable `STRIA_DATA` names, then the user's cache folder.
   */
  readonly dataDir?: string;
  /** Whether to download what is not found. Default: true. */
  readonly download?: boolean;
  /** Addresses of folders to try before the public ones. */
  readonly mirrors?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which an address is given up. Default: 15,000. */
  readonly patience?: number;
}

/** The most bytes that the file may have. Compression adds little to what cannot be compressed. */
function sizeLimit({ bytes, packed }: PublishedFile): number {
  return packed?.bytes ?? bytes + 2 ** 20;
}

async function verify(bytes: Uint8Array<ArrayBuffer>, hash: string | undefined, where: string): Promise<void> {
  const found = await sha256(bytes);
  if (found !== hash)
    throw new FormatError(
      where,
      `the SHA-256 is ${found} instead of ${hash}`,
      "it is damaged, or another file under this name; delete it and get it again",
    );
}

/** What the file contains, verified: before it is decompressed, where the hash of the file is known. `where` is what to call it in errors. */
async function contentsOf(
  bytes: Uint8Array<ArrayBuffer>,
  file: PublishedFile,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (file.packed) await verify(bytes, file.packed.sha256, where);
  const contents = isGzip(bytes) ? await gunzip(bytes, where, file.bytes) : bytes;
  if (!file.packed) await verify(contents, file.sha256, where);
  return contents;
}

async function find(file: PublishedFile, stores: readonly Store[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const plain = file.packed ? file.name : file.name.replace(/\.gz$/, "");
  for (const store of stores)
    for (const name of new Set([file.name, plain])) {
      const bytes = await store.read(name, sizeLimit(file));
      if (bytes !== undefined) return contentsOf(bytes, file, store.locate(name));
    }
  return undefined;
}

function* filesOf(
  archive: Map<string, Uint8Array>,
  wanted: readonly PublishedFile[],
  where: string,
): Generator<[PublishedFile, Uint8Array<ArrayBuffer>]> {
  for (const file of wanted) {
    const [, member] = [...archive].find(([path]) => path.split("/").at(-1) === file.name) ?? [];
    if (member === undefined)
      throw new FormatError(where, `there is no ${file.name} in it`, "get it from another address");
    yield [file, member.slice()];
  }
}

/**
 * The contents of the collection's files, in their order; {@link ObtainOptions} says where they are looked for.
 * @throws FormatError when a file that is there is not what was published; DownloadError when one is neither there nor can be downloaded;
 * the reason of `signal` when that is aborted
 */
export async function obtain(collection: Collection, options: ObtainOptions = {}): Promise<Uint8Array<ArrayBuffer>[]> {
  const { dataDir, download: mayDownload = true, mirrors = [], signal, onProgress, patience = 15_000 } = options;
  const { look, keep, addresses } = placesOf(collection, dataDir);
  const folders = [...mirrors, ...addresses, ...collection.mirrors].map((address) => address.replace(/\/?$/, "/"));
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const file of collection.files) {
    signal?.throwIfAborted();
    const contents = await find(file, look);
    if (contents !== undefined) found.set(file.name, contents);
  }
  const missing = collection.files.filter(({ name }) => !found.has(name));

  async function fetched<Accepted>(
    name: string,
    limit: number,
    accept: (bytes: Uint8Array<ArrayBuffer>) => Promise<Accepted>,
  ): Promise<Accepted> {
    const files = missing.map((file) => file.name).join(", ");
    const absent = `${files} not found (${look.map((store) => store.locate("")).join(", ") || "nothing is cached"})`;
    const remedy = `connect to the network, or put the files of ${collection.name} into ${keep?.locate("") ?? "a folder beside the page"}, or pass dataDir, where they are`;
    if (!mayDownload) throw new DownloadError(collection.name, `${absent}, and download is false`, remedy);
    return download(
      {
        file: name,
        addresses: folders.map((folder) => folder + name),
        limit,
        signal,
        onProgress,
        patience,
        parts: keep,
        absent,
        remedy,
      },
      accept,
    );
  }

  const { archive } = collection;
  if (archive === undefined)
    for (const file of missing) {
      const accept = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
        found.set(file.name, await contentsOf(bytes, file, file.name));
        await keep?.write(file.name, bytes);
      };
      await fetched(file.name, sizeLimit(file), accept);
    }
  else if (missing.length > 0) {
    const unpack = async (bytes: Uint8Array<ArrayBuffer>, where: string): Promise<void> => {
      await verify(bytes, archive.packed.sha256, where);
      const tar = isGzip(bytes) ? await gunzip(bytes, where, archive.bytes) : bytes;
      for (const [file, member] of filesOf(readTar(tar, where), missing, where)) {
        found.set(file.name, await contentsOf(member, file, file.name));
        await keep?.write(file.name, member);
      }
    };
    for (const store of look) {
      const bytes = await store.read(archive.name, archive.packed.bytes);
      if (bytes === undefined) continue;
      await unpack(bytes, store.locate(archive.name));
      break;
    }
    if (missing.some(({ name }) => !found.has(name)))
      await fetched(archive.name, archive.packed.bytes, (bytes) => unpack(bytes, archive.name));
  }
  return collection.files.map(({ name }) => found.get(name) ?? new Uint8Array(0));
}
