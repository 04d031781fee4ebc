// What a kernel of this backend takes and gives: a value in a buffer that TF.js's WebGPU backend owns.
import type { Aval, DType } from "@stria/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";

export interface DeviceTensor {
  readonly aval: Aval;
  /**
   * TF.js's handle, always of shape [elements], and of one element where the tensor has none, so that every tensor can be bound.
   * float32 is stored as f32; int32, uint8, bool and the bits of float16 as i32.
   */
  readonly info: TensorInfo;
  /** When it was made, in ticks of the clock of faults.ts. */
  readonly made: number;
  /** Why its content is worthless, where that was known when it was made. */
  readonly fault: Error | undefined;
}

/** Element types that WGSL buffers hold here. */
export type StorageType = "float32" | "int32";

export function storageType(dtype: DType): StorageType {
  return dtype === "float32" ? "float32" : "int32";
}

/** The WGSL type of an element of `dtype`. */
export function wgslType(dtype: DType): "f32" | "i32" {
  return dtype === "float32" ? "f32" : "i32";
}
