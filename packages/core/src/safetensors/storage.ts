// The element types of safetensors files: how each is read into and written from a dtype of core.
import { type DType, isFloat } from "../tensor/dtype.ts";
import { float16FromBits, float16ToBits } from "../tensor/float16.ts";
import { bfloat16FromBits, bfloat16ToBits, float8FromBits } from "./small-floats.ts";

/** Element type of a tensor in a file, by its name in the safetensors format. */
export type StoredType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "F8_E4M3"
  | "F8_E5M2"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** How one element type lies in a file. Numbers are little-endian. Types without `write` are only read. */
export interface Storage {
  readonly bytes: number;
  /** What it becomes in memory. */
  readonly dtype: DType;
  read(view: DataView, at: number): number;
  write?(view: DataView, at: number, value: number): void;
  /** Whether `value`, an element of a dtype of core, can be written without becoming something else than rounded. */
  takes(value: number): boolean;
}

const between =
  (low: number, high: number) =>
  (value: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;

const staysFinite =
  (round: (value: number) => number) =>
  (value: number): boolean =>
    !Number.isFinite(value) || Number.isFinite(round(value));

export const storages: Readonly<Record<StoredType, Storage>> = {
  F64: {
    bytes: 8,
    dtype: "float32",
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, value, true),
    takes: () => true,
  },
  F32: {
    bytes: 4,
    dtype: "float32",
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, value, true),
    takes: staysFinite(Math.fround),
  },
  F16: {
    bytes: 2,
    dtype: "float32",
    read: (view, at) => float16FromBits(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, float16ToBits(value), true),
    takes: staysFinite((value) => float16FromBits(float16ToBits(value))),
  },
  BF16: {
    bytes: 2,
    dtype: "float32",
    read: (view, at) => bfloat16FromBits(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, bfloat16ToBits(value), true),
    takes: staysFinite((value) => bfloat16FromBits(bfloat16ToBits(value))),
  },
  F8_E4M3: {
    bytes: 1,
    dtype: "float32",
    read: (view, at) => float8FromBits(view.getUint8(at)),
    takes: () => false,
  },
  F8_E5M2: {
    bytes: 1,
    dtype: "float32",
    read: (view, at) => float16FromBits(view.getUint8(at) << 8), // the upper half of a float16
    takes: () => false,
  },
  I64: {
    bytes: 8,
    dtype: "int32",
    read: (view, at) => Number(view.getBigInt64(at, true)),
    write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    takes: Number.isSafeInteger,
  },
  I32: {
    bytes: 4,
    dtype: "int32",
    read: (view, at) => view.getInt32(at, true),
    write: (view, at, value) => view.setInt32(at, value, true),
    takes: between(-(2 ** 31), 2 ** 31 - 1),
  },
  I16: {
    bytes: 2,
    dtype: "int32",
    read: (view, at) => view.getInt16(at, true),
    write: (view, at, value) => view.setInt16(at, value, true),
    takes: between(-(2 ** 15), 2 ** 15 - 1),
  },
  I8: {
    bytes: 1,
    dtype: "int32",
    read: (view, at) => view.getInt8(at),
    write: (view, at, value) => view.setInt8(at, value),
    takes: between(-128, 127),
  },
  U64: {
    bytes: 8,
    dtype: "int32",
    read: (view, at) => Number(view.getBigUint64(at, true)),
    write: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
    takes: between(0, Number.MAX_SAFE_INTEGER),
  },
  U32: {
    bytes: 4,
    dtype: "int32",
    read: (view, at) => view.getUint32(at, true),
    write: (view, at, value) => view.setUint32(at, value, true),
    takes: between(0, 2 ** 32 - 1),
  },
  U16: {
    bytes: 2,
    dtype: "int32",
    read: (view, at) => view.getUint16(at, true),
    write: (view, at, value) => view.setUint16(at, value, true),
    takes: between(0, 2 ** 16 - 1),
  },
  U8: {
    bytes: 1,
    dtype: "uint8",
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, value),
    takes: between(0, 255),
  },
  BOOL: {
    bytes: 1,
    dtype: "bool",
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, value),
    takes: between(0, 1),
  },
};

/** What tensors of each dtype are stored as unless something else is asked for. */
export const usualStorage: Readonly<Record<DType, StoredType>> = {
  float32: "F32",
  float16: "F16",
  int32: "I32",
  uint8: "U8",
  bool: "BOOL",
};

/** Whether elements of `dtype` may be written as `type`: floats as floats, integers as integers, bool as bool. */
export function storable(dtype: DType, type: StoredType): boolean {
  const kind = (of: DType): string => (of === "bool" ? of : isFloat(of) ? "float" : "integer");
  return storages[type].write !== undefined && kind(storages[type].dtype) === kind(dtype);
}

export function isStoredType(name: string): name is StoredType {
  return Object.hasOwn(storages, name);
}
