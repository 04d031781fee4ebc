// Memory that a loader and its worker share, for one batch at a time.
import { allocate, bytesOf, type DType, type TypedArray } from "@stria/core";
import type { Allocate, HostBatch, HostColumn } from "../collate.ts";

/** Arrays begin at multiples of it. */
const alignment = 64;

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** An array of `length` elements in the memory, from byte `start` on. */
function viewOf(memory: SharedArrayBuffer, start: number, dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(memory, start, length);
    case "int32":
      return new Int32Array(memory, start, length);
    case "float16":
      return new Uint16Array(memory, start, length);
    case "uint8":
    case "bool":
      return new Uint8Array(memory, start, length);
  }
}

/** Arrays one after the other in the memory, and anywhere else when that is full. */
export function allocatorIn(memory: SharedArrayBuffer | undefined): Allocate {
  let used = 0;
  return (dtype, length) => {
    const start = used;
    const end = start + length * bytesOf(dtype);
    if (!memory || end > memory.byteLength) return allocate(dtype, length);
    used = aligned(end);
    return viewOf(memory, start, dtype, length);
  };
}

function isColumn(column: HostColumn | readonly unknown[]): column is HostColumn {
  return "data" in column;
}

/** The batch with other arrays. */
function withColumns(batch: HostBatch, change: (column: HostColumn) => HostColumn): HostBatch {
  const columns = new Map(batch.columns);
  for (const [name, column] of columns) if (isColumn(column)) columns.set(name, change(column));
  return { ...batch, columns };
}

/** The batch with all its arrays in shared memory: in `memory`, where they are already, else in a larger one. */
export function intoShared(
  batch: HostBatch,
  memory: SharedArrayBuffer | undefined,
): { readonly batch: HostBatch; readonly slot: SharedArrayBuffer } {
  const columns = [...batch.columns.values()].filter(isColumn);
  if (memory && columns.every(({ data }) => data.buffer === memory)) return { batch, slot: memory };
  const slot = new SharedArrayBuffer(columns.reduce((sum, { data }) => sum + aligned(data.byteLength), 0));
  const place = allocatorIn(slot);
  const moved = withColumns(batch, (column) => {
    const data = place(column.dtype, column.data.length);
    data.set(column.data);
    return { ...column, data };
  });
  return { batch: moved, slot };
}

/** The batch in memory of its own, so that the shared one can be used again. */
export function outOfShared(batch: HostBatch): HostBatch {
  return withColumns(batch, (column) => ({ ...column, data: column.data.slice() }));
}

/** The memory of a batch's arrays, to be transferred. */
export function buffersOf(batch: HostBatch): ArrayBuffer[] {
  return [...batch.columns.values()].flatMap((column) =>
    isColumn(column) && column.data.buffer instanceof ArrayBuffer ? [column.data.buffer] : [],
  );
}
