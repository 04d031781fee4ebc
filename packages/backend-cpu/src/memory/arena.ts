// The allocator inside the one WebAssembly memory that all threads see: 64-byte aligned, growing when it has to.
import { StriaError } from "@stria/core";
import { FreeList } from "./free-list.ts";
import { maximumPages } from "../wasm/assembler.ts";

const alignment = 64;
const pageBytes = 65536;

/** Bytes readable and writable behind every block, so that kernels may load and store whole vectors at the end of a row. */
const slack = 16;

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #blocks: FreeList;
  #bytes: Uint8Array | undefined;
  #words: Int32Array | undefined;
  #floats: Float32Array | undefined;

  /** `reserved` bytes at the start of the memory are never handed out. */
  constructor(memory: WebAssembly.Memory, reserved: number) {
    this.memory = memory;
    this.#blocks = new FreeList(blockBytes(reserved));
  }

  /** The address of a new block. Its content is arbitrary. */
  allocate(bytes: number): number {
    const { end } = this.#blocks;
    const start = this.#blocks.allocate(blockBytes(bytes));
    try {
      this.#growTo(this.#blocks.end);
    } catch (error) {
      this.#blocks.free(start);
      this.#blocks.truncate(end);
      throw error;
    }
    return start;
  }

  free(address: number): void {
    this.#blocks.free(address);
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

  get floats(): Float32Array {
    const { buffer } = this.memory;
    if (this.#floats?.buffer !== buffer) this.#floats = new Float32Array(buffer);
    return this.#floats;
  }

  #growTo(end: number): void {
    const have = this.memory.buffer.byteLength / pageBytes;
    const need = Math.ceil(end / pageBytes);
    if (need <= have) return;
    // By an eighth at least: growing is a system call, and every view has to be renewed.
    const wanted = Math.min(maximumPages, Math.max(need, Math.ceil(have * 1.125)));
    try {
      this.memory.grow((need > maximumPages ? need : wanted) - have);
    } catch (cause) {
      throw new StriaError(
        "backend-cpu",
        `out of memory: ${end} bytes are needed`,
        "use a smaller batch or model; 32-bit WebAssembly has 4 GiB",
        { cause },
      );
    }
  }
}

/** Bytes that a block takes: whole cache lines, with slack behind. */
export function blockBytes(bytes: number): number {
  return Math.ceil((bytes + slack) / alignment) * alignment;
}
