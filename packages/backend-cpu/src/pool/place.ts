// Where programs run and their memory lies. There are two places: memory that this thread reaches (local-place.ts), and memory that one worker owns
// (worker-place.ts).
import type { DType, TypedArray } from "@stria/core";
import type { Arena } from "../memory/arena.ts";

/** Names what filled a block, where that can still fail; 0 where it cannot. */
export type Ticket = number;

/** A program, ready to run once. */
export interface Run {
  /**
   * Records, with their counters at 0, and arguments. Where the calling thread computes they may stay where they are for the next run: undefined when
   * they are those of the last run at this address.
   */
  readonly words: Int32Array<ArrayBuffer> | undefined;
  /** Where they lie, and for which they are made. */
  readonly address: number;
  readonly records: number;
  /** Whether one thread is to do it all, as for what takes less time than to wake another. */
  readonly alone: boolean;
  /** Where the words stay when the run is over. Undefined: nobody may look at them when `done` is called. */
  readonly lasting: Lasting | undefined;
  /** Scratch memory of thread 0, and bytes from one thread's to the next. */
  readonly scratch: number;
  readonly scratchStride: number;
  /** One past the last byte that it touches. */
  readonly end: number;
  /** What filled the blocks that it reads. */
  readonly needs: readonly Ticket[];
}

/** Words that stay in memory. A thread that comes late looks at them when a run is over already, finds nothing to do, and leaves. */
export interface Lasting {
  /** How many programs had run with it when it last did; 0 before. */
  launched: number;
}

export interface Place {
  readonly arena: Arena;
  readonly threads: number;
  /** Whether modules are made for shared memory. */
  readonly shared: boolean;
  /** Whether the calling thread computes; a run is done then when `run` returns. */
  readonly inline: boolean;
  /**
   * Starts the workers, where that has not been done; resolves when they work. A run that others can help with does it too.
   * @throws BackendError, or rejects with one, where they cannot be started.
   */
  begin(): Promise<unknown>;
  /** Makes a module's kernels callable, each by the number that is its name. */
  publish(module: Uint8Array<ArrayBuffer>): void;
  /** Copies `data` before it returns. */
  write(address: number, data: TypedArray): Ticket;
  /** A copy, once everything before is done. Rejects when the backend is lost or what should have filled the block failed. */
  read(address: number, dtype: DType, length: number, filledBy: Ticket): Promise<TypedArray>;
  /**
   * Runs a program after all before it; `done` is called when its memory may be used again, also when it failed.
   * @throws BackendError when the backend is lost, or is lost now because the caller computes and a kernel failed.
   */
  run(run: Run, done: () => void): Ticket;
  /** Calls `action` when memory may be reused that programs so far may touch. */
  afterPrograms(action: () => void): void;
  /** Returns when no worker looks at the words of a program that has run, where the calling thread computes. */
  waitUntilIdle(): void;
  stop(): void;
}
