// Items into one file that is read in any order: for millions of small ones, each of which as a file of its own would cost more than its bytes.
import { AttributeError } from "@stria/core";
import type * as Files from "node:fs/promises";
import type { Dataset, Fields, IterableDataset } from "../dataset.ts";
import { type Column, columnsOf, RecordWriter } from "./codec.ts";
import { fileSystem } from "./file-source.ts";
import { encodeHeader, headerBytes, indexBytes, pageBytes, pageRecords } from "./layout.ts";

export interface WriteRecordsOptions {
  /** Shape and dtype of fields, and numbers of classes, for whoever opens the file. Default: what the dataset states. */
  readonly fields?: Fields;
  /** Ends the writing: it throws the signal's reason, and leaves no file. */
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface WrittenRecords {
  readonly count: number;
  readonly bytes: number;
}

/** Bytes that are written at once. */
const chunk = 2 ** 20;

async function* itemsOf<Item>(
  items: Dataset<Item> | IterableDataset<Item> | AsyncIterable<Item> | Iterable<Item>,
): AsyncGenerator<Item> {
  if ("get" in items) for (let index = 0; index < items.length; index++) yield await items.get(index);
  else yield* items;
}

/** A file that is written from its beginning on, in large pieces. */
class Appending {
  readonly #file: Files.FileHandle;
  readonly #buffer = new Uint8Array(chunk);
  #used = 0;
  written: number = 0;

  constructor(file: Files.FileHandle) {
    this.#file = file;
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.written += bytes.length;
    if (this.#used + bytes.length > chunk) await this.flush();
    if (bytes.length > chunk) await this.#file.writeFile(bytes);
    else {
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
    }
  }

  async flush(): Promise<void> {
    if (this.#used > 0) await this.#file.writeFile(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** Lengths of records, 4 bytes each: all that is held of them. */
class Lengths {
  #lengths = new Uint32Array(4096);
  count: number = 0;

  add(length: number): void {
    if (this.count === this.#lengths.length) {
      const larger = new Uint32Array(2 * this.count);
      larger.set(this.#lengths);
      this.#lengths = larger;
    }
    this.#lengths[this.count++] = length;
  }

  /** The pages of the index. */
  *pages(): Generator<Uint8Array> {
    let start = headerBytes;
    for (let first = 0; first < this.count; first += pageRecords) {
      const lengths = this.#lengths.subarray(first, Math.min(first + pageRecords, this.count));
      const view = new DataView(new ArrayBuffer(pageBytes));
      view.setBigUint64(0, BigInt(start), true);
      for (const [place, length] of lengths.entries()) {
        view.setUint32(8 + 4 * place, length, true);
        start += length;
      }
      yield new Uint8Array(view.buffer, 0, 8 + 4 * lengths.length);
    }
  }
}

async function writeAll<Item extends object>(
  file: Files.FileHandle,
  items: AsyncIterable<Item>,
  fields: Fields | undefined,
  signal: AbortSignal | undefined,
): Promise<WrittenRecords> {
  const appending = new Appending(file);
  const lengths = new Lengths();
  const writer = new RecordWriter();
  let columns: readonly Column[] | undefined;
  await appending.add(new Uint8Array(headerBytes)); // a file that is not finished is none of records
  for await (const item of items) {
    signal?.throwIfAborted();
    columns ??= columnsOf(item);
    const record = writer.encode(item, columns, lengths.count);
    if (record.length >= 2 ** 32)
      throw new AttributeError(
        "writeRecords",
        `item ${lengths.count} has ${record.length} bytes`,
        "write less than 4 GiB",
      );
    lengths.add(record.length);
    await appending.add(record);
  }
  const schema = appending.written;
  await appending.add(new TextEncoder().encode(JSON.stringify({ fields, columns: columns ?? [] })));
  const index = appending.written;
  for (const page of lengths.pages()) await appending.add(page);
  await appending.flush();
  const { count } = lengths;
  const end = index + indexBytes(count);
  await file.write(encodeHeader({ count, schema, index, end }), 0, headerBytes, 0);
  return { count, bytes: end };
}

/**
 * Writes items, plain objects of numbers, text, arrays and what JSON can say, to a file for `openRecords`, one after the other: a dataset, a stream, a list.
 * The file is there when it is whole; 4 bytes of each item are held meanwhile. In Node.
 * @throws AttributeError for an item whose fields are not those of the first, or cannot be kept, and where there is no file system; the reason of `signal`
 * @example await writeRecords("train.records", map(photographs, ({ path, label }) => ({ image: read(path), label })));
 */
export async function writeRecords<Item extends object>(
  path: string,
  items: Dataset<Item> | IterableDataset<Item> | AsyncIterable<Item> | Iterable<Item>,
  options: WriteRecordsOptions = {},
): Promise<WrittenRecords> {
  const files = fileSystem()?.promises;
  if (!files) throw new AttributeError("writeRecords", "a page has no file system", "write the file in Node");
  const stated = "fields" in items ? items.fields : undefined;
  const fields = stated || options.fields ? { ...stated, ...options.fields } : undefined;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await files.open(temporary, "w");
    let written: WrittenRecords;
    try {
      written = await writeAll(file, itemsOf(items), fields, options.signal);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
    return written;
  } catch (error) {
    await files.rm(temporary, { force: true });
    throw error;
  }
}
