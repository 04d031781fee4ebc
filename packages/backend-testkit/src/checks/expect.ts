// Small helpers of the checks by hand: vectors, comparisons, and things that must fail.
import { type Aval, type Backend, type DeviceBuffer, type TypedArray, at } from "@stria/core";
import { difference } from "../compare.ts";

export const vector: Aval = { shape: [3], dtype: "float32" };

export function uploadVector(backend: Backend, ...numbers: number[]): DeviceBuffer {
  return backend.upload(Float32Array.from(numbers), vector);
}

/** A fault where a buffer does not hold exactly `wanted`. */
export async function holds(
  backend: Backend,
  buffer: DeviceBuffer,
  wanted: readonly number[],
  what: string,
): Promise<string[]> {
  return same(await backend.download(buffer), Float32Array.from(wanted), what);
}

export function same(found: TypedArray, wanted: TypedArray, what: string): string[] {
  const words = difference(found, wanted, {});
  return words === undefined ? [] : [`${what}: ${words}`];
}

/** Faults of several results at once. */
export async function hold(
  backend: Backend,
  buffers: readonly DeviceBuffer[],
  wanted: readonly (readonly number[])[],
  what: string,
): Promise<string[]> {
  if (buffers.length !== wanted.length) return [`${what}: ${buffers.length} buffers instead of ${wanted.length}`];
  const faults = await Promise.all(
    buffers.map((buffer, index) => holds(backend, buffer, at(wanted, index), `${what}, result ${index}`)),
  );
  return faults.flat();
}

/** A fault unless `f` throws or rejects. */
export async function fails(f: () => unknown, what: string): Promise<string[]> {
  try {
    await f();
  } catch {
    return [];
  }
  return [`${what} is accepted, and must be refused with an error`];
}

/** A fault where memory() is not what it was. */
export function unchanged(backend: Backend, before: { bytes: number; buffers: number }, what: string): string[] {
  const { bytes, buffers } = backend.memory();
  if (bytes === before.bytes && buffers === before.buffers) return [];
  return [
    `memory() after ${what}: ${bytes} bytes in ${buffers} buffers, before it ${before.bytes} bytes in ${before.buffers} buffers`,
  ];
}

export function freeAll(backend: Backend, buffers: Iterable<DeviceBuffer>): void {
  for (const buffer of buffers) backend.free(buffer);
}
