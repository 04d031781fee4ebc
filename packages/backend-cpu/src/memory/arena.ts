// The allocator inside the one WebAssembly memory that all threads see: best fit, 64-byte aligned, neighbours merged when they are freed.
import { StriaError } from "@stria/core";
import { maximumPages } from "../wasm/assembler.ts";

const alignment = 64;
const pageBytes = 65536;

/** Bytes readable and writable behind every block, so that kernels may load and store whole vectors at the end of a row. */
const slack = 16;

export class Arena {
  readonly memory: WebAssembly.Memory;
  /** Free blocks by address. */
  readonly #free: { start: number; size: number }[] = [];
  readonly #sizes = new Map<number, number>();
  #end: number;
  #bytes: Uint8Array | undefined;
  #words: Int32Array | undefined;
  #floats: Float32Array | undefined;

  /** `reserved` bytes at the start of the memory are never handed out. */
  constructor(memory: WebAssembly.Memory, reserved: number) {
    this.memory = memory;
    this.#end = alignUp(reserved);
  }

  /** The address of a new block. Its content is arbitrary. */
  allocate(bytes: number): number {
    const size = alignUp(Math.max(1, bytes + slack));
    let best = -1;
    for (const [index, block] of this.#free.entries())
      if (block.size >= size && (best < 0 || block.size < (this.#free[best]?.size ?? 0))) {
        best = index;
        if (block.size === size) break;
      }
    const block = this.#free[best];
    if (block) {
      const { start } = block;
      block.start += size;
      block.size -= size;
      if (block.size === 0) this.#free.splice(best, 1);
      this.#sizes.set(start, size);
      return start;
    }
    const last = this.#free.at(-1);
    const start = last && last.start + last.size === this.#end ? last.start : this.#end;
    this.#growTo(start + size);
    if (start !== this.#end) this.#free.pop();
    this.#end = start + size;
    this.#sizes.set(start, size);
    return start;
  }

  free(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new RangeError(`no block at ${address}`);
    this.#sizes.delete(address);
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#free[middle]?.start ?? 0) < address) low = middle + 1;
      else high = middle;
    }
    const before = this.#free[low - 1];
    const after = this.#free[low];
    const joinsBefore = before !== undefined && before.start + before.size === address;
    const joinsAfter = after !== undefined && address + size === after.start;
    if (joinsBefore && joinsAfter) {
      before.size += size + after.size;
      this.#free.splice(low, 1);
    } else if (joinsBefore) before.size += size;
    else if (joinsAfter) {
      after.start = address;
      after.size += size;
    } else this.#free.splice(low, 0, { start: address, size });
  }

  /** Blocks handed out and not freed. */
  get blocks(): number {
    return this.#sizes.size;
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
      throw new StriaError("backend-cpu", `out of memory: ${end} bytes are needed`, "use a smaller batch or model; 32-bit WebAssembly has 4 GiB", { cause });
    }
  }
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
