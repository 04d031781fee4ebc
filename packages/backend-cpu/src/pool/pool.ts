// The threads of one backend, their memory and the kernels that they know: what programs are loaded into and launched on.
import { BackendError, type DType, type TypedArray } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import type { Arena } from "../memory/arena.ts";
import { Fate } from "./fate.ts";
import { KernelLibrary } from "./kernels.ts";
import { LocalPlace } from "./local-place.ts";
import type { Lasting, Place, Run, Ticket } from "./place.ts";
import { WorkerPlace } from "./worker-place.ts";
import { hasWorkers, isNode, isPageThread } from "./workers.ts";

export interface PoolOptions {
  readonly threads: number;
  /** Whether there is memory that threads can share; without it one thread computes. */
  readonly shared: boolean;
  /** Whether only workers compute, so that the calling thread goes on. */
  readonly worker: boolean;
  /** Pages of 64 KiB at most, where it is less than 4 GiB. */
  readonly maximumPages?: number;
}

/** A program to run: what a Run is, scratch memory aside. */
export interface Launch extends Omit<Run, "scratch" | "scratchStride" | "alone" | "lasting"> {
  /** Default false. */
  readonly alone?: boolean;
  /** Default: nothing stays. */
  readonly lasting?: Lasting | undefined;
  /** For each thread. */
  readonly scratchBytes: number;
  /** Scratch memory of the caller's own, where it watches that; else the pool has some. */
  readonly ownScratch?: { readonly address: number; readonly stride: number };
}

export class Pool {
  readonly arena: Arena;
  readonly threads: number;
  /** Whether the calling thread computes. */
  readonly inline: boolean;
  /** Resolves, with the reason, when a thread has died or a kernel failed. */
  readonly lost: Promise<string>;
  readonly #place: Place;
  readonly #fate: Fate;
  readonly #library: KernelLibrary;
  #scratch = { address: 0, bytes: 0, stride: 0 };

  /**
   * Starts the workers, and waits until they work, where the caller cannot do without them. Where it can, they start with the first run that they can help with.
   * @throws BackendError where they cannot be started.
   */
  static async start({ threads, shared, worker, ...options }: PoolOptions): Promise<Pool> {
    const fate = new Fate();
    if (worker && !shared) return new Pool(await begun(new WorkerPlace(fate, options.maximumPages)), fate);
    // On a page that computes itself other threads are no help: it may not wait for them.
    // One thread alone asks for no workers: Node takes a while to load what makes them.
    const needsWorkers = worker || threads > 1;
    const alone = !shared || (!worker && isPageThread()) || (needsWorkers && !hasWorkers());
    const place = new LocalPlace({ ...options, threads: alone ? 1 : threads, shared: !alone, inline: !worker }, fate);
    // Node starts threads while the caller goes on, which a browser does not.
    return new Pool(worker || !isNode() ? await begun(place) : place, fate);
  }

  constructor(place: Place, fate: Fate) {
    this.#place = place;
    this.#fate = fate;
    this.#library = new KernelLibrary(place);
    ({ arena: this.arena, threads: this.threads, inline: this.inline } = place);
    ({ lost: this.lost } = fate);
  }

  /** The numbers by which programs call kernels, until they are released. */
  load(kernels: readonly Kernel[]): number[] {
    return this.#library.load(kernels);
  }

  release(kernels: readonly Kernel[]): void {
    this.afterPrograms(() => this.#library.release(kernels));
  }

  /** @throws BackendError when the backend is lost, or was disposed of. */
  checkAlive(): void {
    this.#fate.check();
  }

  write(address: number, data: TypedArray): Ticket {
    return this.#place.write(address, data);
  }

  read(address: number, dtype: DType, length: number, filledBy: Ticket): Promise<TypedArray> {
    return this.#place.read(address, dtype, length, filledBy);
  }

  /** Makes sure that every thread has this much scratch memory. @throws BackendError where there is none. */
  reserveScratch(bytes: number): void {
    const old = this.#scratch;
    if (bytes <= old.bytes) return;
    // An odd number of cache lines apart: the threads' blocks do not fall on the same sets of the cache.
    const stride = (Math.ceil(bytes / 64) | 1) * 64;
    this.#scratch = { address: this.arena.allocate(stride * this.threads), bytes, stride };
    if (old.bytes > 0) this.afterPrograms(() => this.arena.free(old.address));
  }

  /**
   * Runs a program, now or after those before it; `done` is called when its memory may be used again, also when it failed.
   * @throws BackendError when a kernel failed or a thread is gone; the backend is lost then.
   */
  launch(launch: Launch, done: () => void): Ticket {
    const { words, address, records, alone = false, lasting, needs, ownScratch } = launch;
    if (!ownScratch) this.reserveScratch(launch.scratchBytes);
    const { address: scratch, stride: scratchStride } = ownScratch ?? this.#scratch;
    const end = Math.max(launch.end, scratch + scratchStride * this.threads);
    return this.#place.run({ words, address, records, alone, lasting, scratch, scratchStride, end, needs }, done);
  }

  /** Calls `action` when nothing that was launched before can still touch memory that is given up now. */
  afterPrograms(action: () => void): void {
    this.#place.afterPrograms(action);
  }

  /** Returns when nobody looks any more at words that stay in memory after a run. */
  waitUntilIdle(): void {
    this.#place.waitUntilIdle();
  }

  dispose(): void {
    this.#fate.end();
    this.#place.stop();
  }
}

/** Milliseconds in which workers have to start. */
const mostDelay = 60_000;

async function begun<P extends Place>(place: P): Promise<P> {
  let timer: ReturnType<typeof setTimeout> | undefined; // it also keeps a process alive, which a worker that starts does not
  const late = new Promise<never>((_, reject) => {
    const error = new BackendError(
      "backend-cpu",
      "its workers did not start within a minute",
      "try again when the machine is less busy, or compute on the calling thread alone with cpu({ worker: false, threads: 1 })",
    );
    timer = setTimeout(() => reject(error), mostDelay);
  });
  try {
    await Promise.race([place.begin(), late]);
    return place;
  } catch (error) {
    place.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
