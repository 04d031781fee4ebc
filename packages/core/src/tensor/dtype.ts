// The element types, and what each is in memory on the host.
import { BackendError } from "../errors.ts";
import { float16FromBits, float16ToBits } from "./float16.ts";

/**
 * Element type of a tensor. `bool` is stored as one byte, 0 or 1. `float16` is stored, moved and cast; to compute with it, cast it to float32.
 */
export type DType = "float32" | "int32" | "uint8" | "bool" | "float16";

/**
 * Host storage of tensor data, row-major: `Float32Array` for float32, `Int32Array` for int32, `Uint8Array` for uint8 and bool, `Uint16Array` with
 * the bits of float16.
 */
export type TypedArray = Float32Array | Int32Array | Uint8Array | Uint16Array;

export const dtypes: readonly DType[] = ["float32", "int32", "uint8", "bool", "float16"];

const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, int32: 4, uint8: 1, bool: 1, float16: 2 };

/** Bytes that one element of `dtype` takes. */
export function bytesOf(dtype: DType): number {
  return bytesPerElement[dtype];
}

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float16";
}

function newArray(dtype: DType, length: number): TypedArray {
  if (dtype === "float32") return new Float32Array(length);
  if (dtype === "int32") return new Int32Array(length);
  return dtype === "float16" ? new Uint16Array(length) : new Uint8Array(length);
}

/**
 * A zero-filled host array of `length` elements of `dtype`.
 * @throws BackendError, which says how many bytes were asked for, where JavaScript does not allocate it.
 */
export function allocate(dtype: DType, length: number): TypedArray {
  try {
    return newArray(dtype, length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BackendError(
      "host memory",
      `${length * bytesOf(dtype)} bytes were asked for (${length} elements of ${dtype}), and JavaScript did not allocate them`,
      "use a smaller tensor, batch or model",
      { cause: error },
    );
  }
}

/** Whether memory was asked for that JavaScript did not allocate. */
export function isOutOfHostMemory(error: unknown): boolean {
  if (error instanceof BackendError) return error.cause instanceof RangeError;
  return error instanceof RangeError && /allocat|array length/i.test(error.message);
}

/** Whether `array` is the kind of host array that stores `dtype`. */
export function holds(array: TypedArray, dtype: DType): boolean {
  if (dtype === "float32") return array instanceof Float32Array;
  if (dtype === "int32") return array instanceof Int32Array;
  return dtype === "float16" ? array instanceof Uint16Array : array instanceof Uint8Array;
}

/** What a host array of `dtype` holds for a number: the bits of a float16, else the number. */
export function toStored(dtype: DType, value: number): number {
  return dtype === "float16" ? float16ToBits(value) : value;
}

/** The number that an element of a host array of `dtype` stands for. */
export function fromStored(dtype: DType, element: number): number {
  return dtype === "float16" ? float16FromBits(element) : element;
}

/** The numbers in a host array: float16 as a Float32Array, everything else as it is. */
export function toNumbers(dtype: DType, data: TypedArray): TypedArray {
  return dtype === "float16" ? Float32Array.from(data, float16FromBits) : data;
}

/** A host array of numbers as one that stores `dtype`: a Float32Array becomes the bits of float16, everything else stays. */
export function fromNumbers(dtype: DType, data: TypedArray): TypedArray {
  return dtype === "float16" && data instanceof Float32Array ? Uint16Array.from(data, float16ToBits) : data;
}

// Sets of dtypes that ops take. They are here, in a file that imports only leaves, because ops are defined while files that need each other load.
export const floats: readonly DType[] = ["float32"];
export const numbers: readonly DType[] = ["float32", "int32"];
export const comparable: readonly DType[] = ["float32", "int32", "uint8", "bool"];
