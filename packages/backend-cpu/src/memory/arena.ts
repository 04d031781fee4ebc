// The allocator of the one WebAssembly memory that a backend has: 64-byte aligned addresses. It knows numbers only, so it also serves a memory
// that this thread cannot reach.
import { BackendError } from "@stria/core";
import { maximumPages } from "../wasm/assembler.ts";
import { FreeList } from "./free-list.ts";

const alignment = 64;
export const pageBytes = 65536;
const mostBytes = maximumPages * pageBytes;

/** Bytes readable and writable behind every block, so that kernels may load and store whole vectors at the end of a row. */
const slack = 16;

export class Arena {
  readonly #blocks: FreeList;
  readonly #grow: (end: number) => boolean;
  /** How long the memory is at least. */
  #reached = 0;
  #live = 0;
  #limit = mostBytes;

  /** `reserved` bytes at the start are never handed out. `grow` makes the memory at least so many bytes long, or says that it cannot. */
  constructor(reserved: number, grow: (end: number) => boolean) {
    this.#blocks = new FreeList(blockBytes(reserved));
    this.#grow = grow;
  }

  /**
   * The address of a new block. Its content is arbitrary.
   * @throws BackendError when there is no room, saying how much was asked for, what is live and where the limit is. Nothing has changed then.
   */
  allocate(bytes: number): number {
    const { end } = this.#blocks;
    const size = blockBytes(bytes);
    const start = this.#blocks.allocateBelow(this.#limit, size);
    if (start === undefined) throw this.#outOfMemory(bytes, this.#limit);
    if (this.#blocks.end > this.#reached) {
      if (!this.#grow(this.#blocks.end)) {
        this.#blocks.free(start);
        this.#blocks.truncate(end);
        throw this.#outOfMemory(bytes, end);
      }
      this.#reached = this.#blocks.end;
    }
    this.#live += size;
    return start;
  }

  /** Learns that the memory does not grow: nothing is put behind `limit` any more. Returns the error of what was meant to lie there. */
  endsAt(limit: number, asked: number): BackendError {
    this.#limit = limit;
    return this.#outOfMemory(asked, limit);
  }

  free(address: number): void {
    this.#live -= this.#blocks.free(address);
  }

  #outOfMemory(asked: number, given: number): BackendError {
    const limit =
      given === mostBytes
        ? `the limit is the ${show(given)} of a 32-bit WebAssembly memory`
        : `the limit is the ${show(given)} that this machine gave`;
    return new BackendError(
      "backend-cpu",
      `out of memory: ${show(asked)} were asked for while ${show(this.#live)} are live in ${this.#blocks.used} blocks, and ${limit}`,
      "free tensors that are no longer needed, or use a smaller batch or model",
    );
  }
}

/** Bytes that a block takes: whole cache lines, with slack behind. */
export function blockBytes(bytes: number): number {
  return Math.ceil((bytes + slack) / alignment) * alignment;
}

function show(bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const number = bytes / 1024 ** power;
  return `${Number.isInteger(number) ? number : number.toFixed(1)} ${["bytes", "KiB", "MiB", "GiB"][power] ?? ""}`;
}
