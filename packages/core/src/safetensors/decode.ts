// Stored elements into memory, many at a time: what lies in a file as it lies in memory is copied, small types are looked up in tables.
import type { TypedArray } from "../tensor/dtype.ts";
import { type StoredType, storages, usualStorage } from "./storage.ts";

/** Whether memory has the lowest byte of a number first, as files do: on every machine that JavaScript is known to run on. */
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The first element that does not fit. */
interface Misfit {
  readonly index: number;
  readonly value: number;
}

/** Types whose bytes are the same in a file and in memory, where every pattern of bits fits. */
const copied: ReadonlySet<StoredType> = new Set(["F32", "I32", "U8"]);

/** All that 8 or 16 bits can stand for, made when such a type is first read. */
const tables = new Map<StoredType, Float32Array | Int32Array>();

function tableOf(type: StoredType): Float32Array | Int32Array {
  const { bytes, dtype, read } = storages[type];
  const known = tables.get(type);
  if (known) return known;
  const table = dtype === "float32" ? new Float32Array(2 ** (8 * bytes)) : new Int32Array(2 ** (8 * bytes));
  const view = new DataView(new ArrayBuffer(2));
  for (let pattern = 0; pattern < table.length; pattern++) {
    view.setUint16(0, pattern, true);
    table[pattern] = read(view, 0);
  }
  tables.set(type, table);
  return table;
}

/** The same bytes where a view of elements of `size` bytes can begin: themselves, or a copy. */
function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : bytes.slice();
}

function lookUp(data: TypedArray, bytes: Uint8Array, type: StoredType): void {
  const table = tableOf(type);
  const size = storages[type].bytes;
  const { buffer, byteOffset } = aligned(bytes, size);
  const patterns =
    size === 1 ? new Uint8Array(buffer, byteOffset, data.length) : new Uint16Array(buffer, byteOffset, data.length);
  for (let index = 0; index < data.length; index++) data[index] = table[patterns[index] ?? 0] ?? 0;
}

function readEach(data: TypedArray, bytes: Uint8Array, type: StoredType): Misfit | undefined {
  const { bytes: size, dtype, read } = storages[type];
  const { takes } = storages[usualStorage[dtype]];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < data.length; index++) {
    const value = read(view, index * size);
    if (!takes(value)) return { index, value };
    data[index] = value;
  }
  return undefined;
}

/** 64-bit floats are rounded as they are copied; only where one became infinite is looked for one that was finite. */
function round(data: TypedArray, bytes: Uint8Array): Misfit | undefined {
  const { buffer, byteOffset } = aligned(bytes, 8);
  const given = new Float64Array(buffer, byteOffset, data.length);
  data.set(given);
  for (let index = 0; index < data.length; index++) {
    const value = given[index] ?? 0;
    if (!Number.isFinite(data[index]) && Number.isFinite(value)) return { index, value };
  }
  return undefined;
}

/** 64-bit integers as pairs of 32 bits: one that fits has a high half that repeats the sign of the low one. */
function narrow(data: TypedArray, bytes: Uint8Array, type: "I64" | "U64"): Misfit | undefined {
  const { buffer, byteOffset } = aligned(bytes, 4);
  const halves = new Int32Array(buffer, byteOffset, 2 * data.length);
  for (let index = 0; index < data.length; index++) {
    const low = halves[2 * index] ?? 0;
    const high = halves[2 * index + 1] ?? 0;
    const fits = type === "I64" ? high === low >> 31 : high === 0 && low >= 0;
    if (!fits) return { index, value: storages[type].read(new DataView(bytes.buffer, bytes.byteOffset), 8 * index) };
    data[index] = low;
  }
  return undefined;
}

/** Elements of the same size in memory, of which one that becomes another number does not fit. */
function copyChecked(data: TypedArray, bytes: Uint8Array, type: "U32" | "BOOL"): Misfit | undefined {
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes);
  for (let index = 0; index < data.length; index++) {
    const value = data[index] ?? 0;
    if (type === "BOOL" ? value > 1 : value < 0) return { index, value: value >>> 0 };
  }
  return undefined;
}

/** Reads the elements of `bytes` into `data`, which has as many. Gives the first that does not fit where one does not. */
export function decodeInto(data: TypedArray, bytes: Uint8Array, type: StoredType): Misfit | undefined {
  if (!littleEndian) return readEach(data, bytes, type);
  if (copied.has(type)) {
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes);
    return undefined;
  }
  if (type === "F64") return round(data, bytes);
  if (type === "I64" || type === "U64") return narrow(data, bytes, type);
  if (type === "U32" || type === "BOOL") return copyChecked(data, bytes, type);
  lookUp(data, bytes, type);
  return undefined;
}
