// One record: the values of an item's fields, one after the other, little-endian.
import { AttributeError, FormatError, type TypedArray } from "@stria/core";

/** What a field of a record may be: what a batch is made of, and what JSON can say. */
export type RecordValue = number | boolean | string | null | TypedArray | readonly RecordValue[] | RecordObject;

export interface RecordObject {
  readonly [name: string]: RecordValue;
}

/** How a value lies in a record: a number in 8 bytes, true and false in one, the rest as its length and its bytes. */
type Kind = "number" | "boolean" | "text" | "json" | "uint8" | "uint16" | "int32" | "float32";

export interface Column {
  readonly name: string;
  readonly kind: Kind;
}

const arrays = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array };
type ArrayKind = keyof typeof arrays;
const arrayKinds: readonly ArrayKind[] = ["uint8", "uint16", "int32", "float32"];
const kinds: readonly string[] = ["number", "boolean", "text", "json", ...arrayKinds];

export function isColumn(value: unknown): value is Column {
  if (typeof value !== "object" || value === null || !("name" in value) || !("kind" in value)) return false;
  return typeof value.name === "string" && typeof value.kind === "string" && kinds.includes(value.kind);
}

function isArrayKind(kind: Kind): kind is ArrayKind {
  return Object.hasOwn(arrays, kind);
}

/** @throws AttributeError for what cannot be kept */
function kindOf(value: unknown, what: string): Kind {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "text";
  const kind = arrayKinds.find((candidate) => value instanceof arrays[candidate]);
  if (kind) return kind;
  if (value === undefined || typeof value === "function" || typeof value === "bigint" || ArrayBuffer.isView(value))
    throw new AttributeError(
      "writeRecords",
      `${what} is ${ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : typeof value}`,
      "write numbers, true or false, text, Uint8Array, Uint16Array, Int32Array, Float32Array, or what JSON can say",
    );
  return "json";
}

/** The columns of items like this one. @throws AttributeError for a field that cannot be kept */
export function columnsOf(item: object): Column[] {
  return Object.entries(item).map(([name, value]: [string, unknown]) => ({
    name,
    kind: kindOf(value, `${name} of item 0`),
  }));
}

/** JSON that says the same: what has no words in it, NaN and infinities, is refused. */
function json(value: unknown, what: string): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== "number" || Number.isFinite(part)) return part;
    throw new AttributeError("writeRecords", `${what} holds ${part}`, "use Float32Array for lists of such numbers");
  });
}

/** Bytes that grow as values are added to them. */
export class RecordWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;
  readonly #text = new TextEncoder();

  #room(bytes: number): number {
    const place = this.#used;
    this.#used += bytes;
    if (this.#used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#used));
      larger.set(this.#bytes.subarray(0, place));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return place;
  }

  #add(bytes: Uint8Array): void {
    const place = this.#room(4 + bytes.length);
    this.#view.setUint32(place, bytes.length, true);
    this.#bytes.set(bytes, place + 4);
  }

  /** The record of an item, until the next is made. @throws AttributeError for fields that are not those of the first item */
  encode(item: object, columns: readonly Column[], index: number): Uint8Array {
    this.#used = 0;
    const names = Object.keys(item);
    if (names.length !== columns.length || columns.some(({ name }) => !Object.hasOwn(item, name)))
      throw new AttributeError(
        "writeRecords",
        `the fields of item ${index} are ${names.join(", ")}, and of item 0 ${columns.map(({ name }) => name).join(", ")}`,
        "give all items the same fields",
      );
    for (const { name, kind } of columns) {
      const value: unknown = Reflect.get(item, name);
      const found = kindOf(value, `${name} of item ${index}`);
      if (found !== kind)
        throw new AttributeError(
          "writeRecords",
          `${name} of item ${index} is ${found}, and of item 0 ${kind}`,
          "give a field of all items the same type",
        );
      if (typeof value === "number") this.#view.setFloat64(this.#room(8), value, true);
      else if (typeof value === "boolean") this.#bytes[this.#room(1)] = Number(value);
      else if (ArrayBuffer.isView(value)) this.#add(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      else this.#add(this.#text.encode(typeof value === "string" ? value : json(value, `${name} of item ${index}`)));
    }
    return this.#bytes.subarray(0, this.#used);
  }
}

const decoder = (): TextDecoder => new TextDecoder("utf-8", { fatal: true });

/** The item of a record. Its arrays are its own. @throws FormatError for one that is damaged */
export function decodeRecord(
  bytes: Uint8Array<ArrayBuffer>,
  columns: readonly Column[],
  what: string,
): Record<string, unknown> {
  const damaged = (cause?: unknown): FormatError =>
    new FormatError(what, "the record is damaged", "write the file again with writeRecords, or get it again", {
      cause,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 0;
  const take = (length: number): number => {
    const start = place;
    place += length;
    if (place > bytes.length) throw damaged();
    return start;
  };
  const value = (kind: Kind): unknown => {
    if (kind === "number") return view.getFloat64(take(8), true);
    if (kind === "boolean") return view.getUint8(take(1)) === 1;
    const length = view.getUint32(take(4), true);
    const start = take(length);
    if (isArrayKind(kind)) {
      const own = bytes.slice(start, place);
      if (length % arrays[kind].BYTES_PER_ELEMENT !== 0) throw damaged();
      return kind === "uint8" ? own : new arrays[kind](own.buffer);
    }
    try {
      const text = decoder().decode(bytes.subarray(start, place));
      return kind === "text" ? text : (JSON.parse(text) as unknown);
    } catch (cause) {
      throw damaged(cause);
    }
  };
  const item = Object.fromEntries(columns.map(({ name, kind }) => [name, value(kind)]));
  if (place !== bytes.length) throw damaged();
  return item;
}
