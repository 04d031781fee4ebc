// Whatever a user may mean by a file, as a source of bytes.
import { FormatError } from "@stria/core";
import { nodeModules } from "@stria/download";
import { blobSource, type ByteSource, bytesSource } from "./byte-source.ts";
import { type FileHandleLike, fileSource, handleSource } from "./file-source.ts";
import { httpSource } from "./http-source.ts";

/**
 * A file: its bytes, a `Blob` or `File` of a page, an address (`URL`, or a text that begins with `http:`, `https:` or `file:`; in a page any text), in Node a path or
 * an open file handle, or what `downloadWeights` gave.
 */
export type FileInput =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | URL
  | string
  | FileHandleLike
  | { readonly name: string; readonly bytes: Uint8Array };

export interface OpenOptions {
  /** What to call the file in errors. Default: its name, path or address. */
  readonly name?: string;
  /** Files that it may name, such as shards, where they do not lie beside it: those of a page. */
  readonly files?: readonly File[];
  /** Stops requests to servers. */
  readonly signal?: AbortSignal;
}

const webAddress = /^https?:/i;

function textSource(text: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  const node = nodeModules();
  if (webAddress.test(text)) return httpSource(text, signal);
  if (/^file:/i.test(text)) return urlSource(new URL(text), signal);
  return node ? fileSource(node, text) : httpSource(new URL(text, globalThis.location.href).href, signal);
}

async function urlSource(url: URL, signal: AbortSignal | undefined): Promise<ByteSource> {
  const node = nodeModules();
  if (url.protocol !== "file:" || node === undefined) return httpSource(url.href, signal);
  return fileSource(node, node.addresses.fileURLToPath(url));
}

function isHandle(value: unknown): value is FileHandleLike {
  return typeof value === "object" && value !== null && "stat" in value && typeof value.stat === "function";
}

async function opened(input: FileInput, { name, signal }: OpenOptions): Promise<ByteSource> {
  if (input instanceof Uint8Array) return bytesSource(input, name ?? "the file");
  if (input instanceof ArrayBuffer) return bytesSource(new Uint8Array(input), name ?? "the file");
  if (input instanceof URL) return urlSource(input, signal);
  if (typeof input === "string") return textSource(input, signal);
  if (input instanceof Blob) return blobSource(input, name ?? ("name" in input ? String(input.name) : "the blob"));
  const given: unknown = input; // what JavaScript may pass
  if (isHandle(given)) return handleSource(given, name ?? "the file");
  if (typeof given === "object" && given !== null && "bytes" in given && given.bytes instanceof Uint8Array)
    return bytesSource(given.bytes, "name" in given ? String(given.name) : "the file");
  throw new FormatError(
    name ?? "the file",
    "what was given is no file",
    "pass its bytes as a Uint8Array, a File or Blob, an address, or in Node a path",
  );
}

/**
 * The source of a file's bytes.
 * @throws FormatError for what is no file, or one that cannot be opened; DownloadError for an address that cannot be read; the reason of
 * `signal` when that is aborted
 */
export async function openSource(input: FileInput, options: OpenOptions = {}): Promise<ByteSource> {
  const source = await opened(input, options);
  const files = new Map((options.files ?? []).map((file) => [file.name, file]));
  return {
    ...source,
    name: options.name ?? source.name,
    beside: async (name) => {
      const file = files.get(name.split("/").at(-1) ?? name);
      return file ? blobSource(file, name) : source.beside(name);
    },
  };
}
