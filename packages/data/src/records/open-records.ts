// A dataset that stays in its file: what is read is the record that is asked for, and the page of the index that says where it is.
import { AttributeError, FormatError } from "@stria/core";
import type { Dataset, Fields, Sample } from "../dataset.ts";
import { type Column, decodeRecord, isColumn } from "./codec.ts";
import { openFile } from "./file-source.ts";
import { decodeHeader, headerBytes, pageBytes, pageRecords } from "./layout.ts";

/** The items of a file of records. */
export interface RecordDataset<Item = Sample> extends Dataset<Item> {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Closes the file; nothing can be read afterwards. */
  close(): void;
}

/** Pages of the index that are kept: of a quarter of a million records, in two MiB. */
const mostPages = 1024;

/** What follows from a value, which may have to be waited for. */
function followed<Value, Result>(
  value: Value | Promise<Value>,
  then: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(then) : then(value);
}

/** Where the records of a page begin, and where the last one ends. */
function placesOf(page: Uint8Array, bounds: readonly [number, number], name: string): Float64Array {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const count = (page.length - 8) / 4;
  const places = new Float64Array(count + 1);
  let place = Number(view.getBigUint64(0, true));
  places[0] = place;
  for (let record = 0; record < count; record++) places[record + 1] = place += view.getUint32(8 + 4 * record, true);
  if ((places[0] ?? 0) < bounds[0] || place > bounds[1])
    throw new FormatError(name, "its index is damaged", "write it again with writeRecords, or get it again");
  return places;
}

interface Schema {
  readonly fields: Fields | undefined;
  readonly columns: readonly Column[];
}

function schemaOf(bytes: Uint8Array, name: string): Schema {
  let schema: unknown;
  try {
    schema = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(name, "what it says of its fields cannot be read", "write it again with writeRecords", {
      cause,
    });
  }
  const { fields, columns } = Object(schema) as { readonly fields?: Fields; readonly columns?: unknown };
  if (!Array.isArray(columns) || !columns.every(isColumn) || (fields !== undefined && typeof fields !== "object"))
    throw new FormatError(name, "what it says of its fields is something else", "write it again with writeRecords");
  return { fields: fields ?? undefined, columns };
}

/**
 * The dataset of a file that `writeRecords` wrote: of a path or file address in Node, whose records are read without waiting; of a `File` or `Blob` elsewhere. It is
 * open at once whatever the number of records, and takes a few MiB at most. What the items are is for the caller to say; loaders check what `fields` state.
 * @throws FormatError naming the file where it cannot be opened, is none of records, cut short or damaged; `get` also for a damaged record
 * @example const train = await openRecords<{ image: Uint8Array; label: number }>("train.records");
 */
export async function openRecords<Item extends object = Sample>(
  file: string | URL | Blob,
): Promise<RecordDataset<Item>> {
  const source = openFile(file);
  const { name, size } = source;
  try {
    const header = decodeHeader(await source.read(0, Math.min(size, headerBytes)), size, name);
    const { count, schema: schemaStart, index: indexStart } = header;
    const { fields, columns } = schemaOf(await source.read(schemaStart, indexStart - schemaStart), name);
    const pages = new Map<number, Float64Array>();

    const pageOf = (page: number): Float64Array | Promise<Float64Array> => {
      const kept = pages.get(page);
      if (kept) return kept;
      const records = Math.min(pageRecords, count - page * pageRecords);
      return followed(source.read(indexStart + page * pageBytes, 8 + 4 * records), (bytes) => {
        const places = placesOf(bytes, [headerBytes, schemaStart], name);
        const [oldest] = pages.keys();
        if (pages.size >= mostPages && oldest !== undefined) pages.delete(oldest);
        pages.set(page, places);
        return places;
      });
    };

    return {
      fields,
      length: count,
      bytes: size,
      nameOf: (index) => `record ${index} of ${name}`,
      get(index) {
        if (!Number.isInteger(index) || index < 0 || index >= count)
          throw new AttributeError("openRecords", `${name} has no record ${index}`, `use 0 to ${count - 1}`);
        return followed(pageOf(Math.floor(index / pageRecords)), (places) => {
          const [start = 0, end = 0] = places.subarray(index % pageRecords, (index % pageRecords) + 2);
          // What the records hold was given by whoever wrote them.
          return followed(
            source.read(start, end - start),
            (bytes) => decodeRecord(bytes, columns, `${name}, record ${index}`) as Item,
          );
        });
      },
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}
