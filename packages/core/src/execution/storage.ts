// Who owns a buffer. A storage is one value on a device (or still on the host), counted by its owners, freed by the last.
import type { Aval } from "../tensor/aval.ts";
import type { Backend, DeviceBuffer } from "../backend.ts";
import { checkDTypes } from "../tensor/check-dtypes.ts";
import { BackendError, DisposedError } from "../errors.ts";
import { breathe } from "./event-loop.ts";
import type { TypedArray } from "../tensor/dtype.ts";

type State =
  | { readonly kind: "host"; readonly data: TypedArray }
  | { readonly kind: "pending"; readonly backend: Backend }
  | { readonly kind: "ready"; readonly backend: Backend; readonly buffer: DeviceBuffer }
  | { readonly kind: "failed"; readonly backend: Backend; readonly error: unknown }
  | { readonly kind: "gone"; readonly why: string };

/** A buffer that was given to a run, and how to have it again where the run took nothing over. */
export interface Donation {
  readonly buffer: DeviceBuffer;
  takeBack(): void;
}

/** Is told of storages: what is made, and what became the value of a parameter or state. */
export interface StorageWatcher {
  made(storage: Storage): void;
  kept(storage: Storage, path: string): void;
}

let watcher: StorageWatcher | undefined;

/** @internal Has `next` told of every storage from now on; undefined: nobody. */
export function watchStorages(next: StorageWatcher | undefined): void {
  watcher = next;
}

/** One value's memory. Starts with one owner: whoever made it. */
export class Storage {
  readonly aval: Aval;
  #state: State;
  #owners = 1;
  #settled: { promise: Promise<void>; resolve: () => void } | undefined;

  private constructor(value: Aval, state: State) {
    this.aval = value;
    this.#state = state;
    watcher?.made(this);
  }

  /** Says that it is the value of the parameter or state at `path`. */
  keptAt(path: string): this {
    watcher?.kept(this, path);
    return this;
  }

  /** A value on the host; it goes to the backend that first uses it. `data` is taken over, not copied. */
  static host(value: Aval, data: TypedArray): Storage {
    return new Storage(value, { kind: "host", data });
  }

  /** A value that a queued run of `backend` will fill. */
  static pending(value: Aval, backend: Backend): Storage {
    return new Storage(value, { kind: "pending", backend });
  }

  /** A value that was lost: every use throws `error`. */
  static lost(value: Aval, backend: Backend, error: unknown): Storage {
    return new Storage(value, { kind: "failed", backend, error });
  }

  get owners(): number {
    return this.#owners;
  }

  /** The backend that holds the value; undefined while it is on the host. */
  get backend(): Backend | undefined {
    return "backend" in this.#state ? this.#state.backend : undefined;
  }

  /** The data while they are on the host; undefined once they are on a device. Not to be written. */
  get hostData(): TypedArray | undefined {
    return this.#state.kind === "host" ? this.#state.data : undefined;
  }

  get failure(): unknown {
    return this.#state.kind === "failed" ? this.#state.error : undefined;
  }

  get failed(): boolean {
    return this.#state.kind === "failed";
  }

  /** Whether the memory was given up: to a run that took it over, or by the last owner. */
  get gone(): boolean {
    return this.#state.kind === "gone";
  }

  #lent = false;

  /**
   * For one run of a program: a host value goes to the backend for that run only, so that batches leave nothing behind. A value that is used
   * a second time is worth keeping there. Returns a storage that the caller owns, or null when this one is to be used itself.
   */
  lend(): Storage | null {
    if (this.#state.kind !== "host" || this.#lent) return null;
    this.#lent = true;
    return Storage.host(this.aval, this.#state.data);
  }

  retain(): this {
    this.#mustLive();
    this.#owners++;
    return this;
  }

  release(): void {
    if (--this.#owners > 0) return;
    const state = this.#state;
    if (state.kind === "pending") return; // the run that fills it finds no owner and frees it
    this.#state = { kind: "gone", why: "it was disposed" };
    if (state.kind === "ready") state.backend.free(state.buffer);
  }

  /** Called by the queue when the run is launched. */
  fill(buffer: DeviceBuffer): void {
    if (this.#state.kind !== "pending")
      throw new DisposedError("tensor", "a value was filled twice", "report this as a bug of Stria");
    const { backend } = this.#state;
    if (this.#owners > 0) this.#state = { kind: "ready", backend, buffer };
    else {
      this.#state = { kind: "gone", why: "it was disposed" };
      backend.free(buffer);
    }
    this.#settled?.resolve();
  }

  fail(error: unknown): void {
    if (this.#state.kind === "pending") this.#state = { kind: "failed", backend: this.#state.backend, error };
    this.#settled?.resolve();
  }

  /** Makes a value that turned out to be worthless throw `error` wherever it is used. */
  poison(error: unknown): void {
    const state = this.#state;
    if (state.kind !== "ready") return;
    this.#state = { kind: "failed", backend: state.backend, error };
    state.backend.free(state.buffer);
  }

  /** Gives the buffer up to a run that takes it over. */
  donate(): Donation {
    const buffer = this.deviceBuffer();
    const state = this.#state;
    this.#state = { kind: "gone", why: "a training step took its memory over" };
    return { buffer, takeBack: () => void (this.#state = state) };
  }

  /** The buffer, once filled. */
  deviceBuffer(): DeviceBuffer {
    const state = this.#state;
    if (state.kind === "ready") return state.buffer;
    if (state.kind === "failed") throw state.error;
    this.#mustLive();
    throw new DisposedError("tensor", "a value was used before it was filled", "report this as a bug of Stria");
  }

  /** Moves a host value to `backend`; checks that a device value is there. Throws where the user mixes backends. */
  placeOn(backend: Backend, subject: string): void {
    const state = this.#state;
    if (state.kind === "host") {
      checkDTypes(backend, [this.aval], subject);
      this.#state = { kind: "ready", backend, buffer: backend.upload(state.data, this.aval) };
      return;
    }
    this.#mustLive();
    if (this.backend !== backend)
      throw new BackendError(
        subject,
        `one tensor lives on backend "${this.backend?.name}", another on "${backend.name}"`,
        "move one with `await tensor.to(backend)`",
      );
  }

  /** Row-major data, read back where needed. The array may be the storage's own: copy before writing. */
  async read(): Promise<TypedArray> {
    const data = await this.#download();
    await breathe();
    return data;
  }

  async #download(): Promise<TypedArray> {
    this.retain(); // a reader is an owner: nothing donates or frees what is being read, or will be once it is filled
    try {
      if (this.#state.kind === "pending") {
        if (this.#settled === undefined) {
          let resolve = (): void => {};
          const promise = new Promise<void>((done) => (resolve = done));
          this.#settled = { promise, resolve };
        }
        await this.#settled.promise;
      }
      const state = this.#state;
      if (state.kind === "host") return state.data;
      const buffer = this.deviceBuffer();
      if (state.kind !== "ready")
        throw new DisposedError("tensor", "its memory was given up", "keep a reference while it is used");
      return await state.backend.download(buffer);
    } finally {
      this.release();
    }
  }

  #mustLive(): void {
    if (this.#state.kind === "gone")
      throw new DisposedError(
        "tensor",
        `its memory was given up: ${this.#state.why}`,
        "read it, or keep an own reference, before that",
      );
  }
}
