// A WebAssembly memory that this thread reads and writes itself.
import { allocate, type DType, type TypedArray } from "@stria/core";
import { maximumPages } from "../wasm/assembler.ts";
import { pageBytes } from "./arena.ts";

const initialPages = 16;

export class LocalMemory {
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array | undefined;
  #words: Int32Array | undefined;

  constructor(shared: boolean, maximum: number = maximumPages) {
    this.memory = new WebAssembly.Memory({ initial: Math.min(initialPages, maximum), maximum, shared });
  }

  // A shared memory that grows leaves old views valid but short, so views are renewed when the buffer has changed.

  get bytes(): Uint8Array {
    const { buffer } = this.memory;
    if (this.#bytes?.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }

  get words(): Int32Array {
    const { buffer } = this.memory;
    if (this.#words?.buffer !== buffer) this.#words = new Int32Array(buffer);
    return this.#words;
  }

  /** Makes the memory at least `end` bytes long; false where that cannot be had. */
  grow(end: number): boolean {
    const have = this.memory.buffer.byteLength / pageBytes;
    const missing = Math.ceil(end / pageBytes) - have;
    if (missing <= 0) return true;
    // By an eighth at least: growing is a system call, and every view has to be renewed.
    for (const pages of [Math.max(missing, Math.ceil(have / 8)), missing])
      try {
        this.memory.grow(pages);
        return true;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    return false;
  }

  write(address: number, data: TypedArray): void {
    this.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
  }

  /** A copy. */
  read(address: number, dtype: DType, length: number): TypedArray {
    const data = allocate(dtype, length);
    new Uint8Array(data.buffer).set(this.bytes.subarray(address, address + data.byteLength));
    return data;
  }
}
