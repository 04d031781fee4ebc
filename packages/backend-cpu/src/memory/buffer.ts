// What the backend hands out: blocks of the shared memory, counted, since two values may lie in one block.
import { BackendError, type Aval, type DeviceBuffer, type TypedArray } from "@stria/core";
import type { Pool } from "../pool/pool.ts";
import type { Ticket } from "../pool/place.ts";
import { type Arena, blockBytes } from "./arena.ts";

/** Memory with several owners; it is freed when the last one lets go. */
export class Block {
  readonly address: number;
  readonly #store: BlockStore;
  readonly bytes: number;
  /** Values handed out that lie here. */
  handed = 0;
  /** What wrote its content last. */
  filledBy: Ticket = 0;
  /** Runs that have written here. */
  writes = 0;
  #owners = 1;

  constructor(store: BlockStore, bytes: number, address: number) {
    this.#store = store;
    this.bytes = bytes;
    this.address = address;
  }

  /** Whether it has one owner. */
  get isSole(): boolean {
    return this.#owners === 1;
  }

  /** One past its last byte. */
  get end(): number {
    return this.address + blockBytes(this.bytes);
  }

  retain(): this {
    this.#owners++;
    return this;
  }

  release(): void {
    if (--this.#owners === 0) this.#store.give(this);
  }
}

export class CpuBuffer implements DeviceBuffer {
  readonly aval: Aval;
  readonly store: BlockStore;
  #block: Block | undefined;

  constructor(aval: Aval, block: Block, store: BlockStore) {
    this.aval = aval;
    this.store = store;
    this.#block = block;
  }

  get block(): Block {
    if (!this.#block)
      throw new BackendError("backend-cpu", "a buffer was used after it was freed", "pass only live buffers");
    return this.#block;
  }

  release(): void {
    this.block.release();
    this.#block = undefined;
  }
}

/** Makes blocks and keeps count of what is handed out. */
export class BlockStore {
  readonly arena: Arena;
  /** What is handed out and not freed: blocks' bytes, and values. */
  bytes = 0;
  buffers = 0;

  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.arena = pool.arena;
    this.#pool = pool;
  }

  make(bytes: number): Block {
    return new Block(this, bytes, this.arena.allocate(bytes));
  }

  give(block: Block): void {
    this.#pool.afterPrograms(() => this.arena.free(block.address));
  }

  /** Hands out a value that lies in `block`, which the caller has retained for it. */
  wrap(aval: Aval, block: Block): CpuBuffer {
    this.buffers++;
    if (block.handed++ === 0) this.bytes += block.bytes;
    return new CpuBuffer(aval, block, this);
  }

  of(buffer: DeviceBuffer): CpuBuffer {
    if (buffer instanceof CpuBuffer && buffer.store === this) return buffer;
    throw new BackendError("backend-cpu", "a buffer belongs to another backend", "upload its data here first");
  }

  free(buffer: DeviceBuffer): void {
    const own = this.of(buffer);
    const { block } = own;
    own.release();
    this.buffers--;
    if (--block.handed === 0) this.bytes -= block.bytes;
  }

  /** A block that holds a copy of `data`. */
  filled(data: TypedArray): Block {
    const block = this.make(data.byteLength);
    block.filledBy = this.#pool.write(block.address, data);
    return block;
  }
}
