// The element types, and what each is in memory on the host.

/** Element type of a tensor. `bool` is stored as one byte, 0 or 1. */
export type DType = "float32" | "int32" | "uint8" | "bool";

/** Host storage of tensor data, row-major: `Float32Array` for float32, `Int32Array` for int32, `Uint8Array` for uint8 and bool. */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export const dtypes: readonly DType[] = ["float32", "int32", "uint8", "bool"];

const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, int32: 4, uint8: 1, bool: 1 };

/** Bytes that one element of `dtype` takes. */
export function bytesOf(dtype: DType): number {
  return bytesPerElement[dtype];
}

/** A zero-filled host array of `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  if (dtype === "float32") return new Float32Array(length);
  if (dtype === "int32") return new Int32Array(length);
  return new Uint8Array(length);
}

/** Whether `array` is the kind of host array that stores `dtype`. */
export function holds(array: TypedArray, dtype: DType): boolean {
  if (dtype === "float32") return array instanceof Float32Array;
  if (dtype === "int32") return array instanceof Int32Array;
  return array instanceof Uint8Array;
}

// Sets of dtypes that ops take. They are here, in a file without imports, because ops are defined while files that need each other load.
export const floats: readonly DType[] = ["float32"];
export const numbers: readonly DType[] = ["float32", "int32"];
