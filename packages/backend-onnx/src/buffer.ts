// Buffers: handles on host arrays that a queued run may still have to fill.
import {
  type Aval,
  type Backend,
  BackendError,
  type DeviceBuffer,
  type MemoryUse,
  type TypedArray,
  byteSize,
} from "@stria/core";

/** What is in a buffer. Several handles may hold one content, since nothing is ever written twice. */
export class Content {
  readonly settled: Promise<void>;
  #data: TypedArray | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** `data`, or nothing yet: then `settled` resolves when the run that fills or fails it is over. */
  constructor(data: TypedArray | undefined, settled: Promise<void> = Promise.resolve()) {
    this.#data = data;
    this.settled = settled;
  }

  fill(data: TypedArray): void {
    this.#data = data;
  }

  fail(error: unknown): void {
    this.#failure = { error };
  }

  /** The data of a settled content. @throws what the run threw that should have filled it. */
  read(): TypedArray {
    if (this.#failure) throw this.#failure.error;
    if (this.#data === undefined)
      throw new BackendError('backend "onnx"', "a buffer is read before its run", "report this as a bug of Stria");
    return this.#data;
  }
}

/** A handle: one owner of a content. */
export class HostBuffer implements DeviceBuffer {
  readonly aval: Aval;
  readonly content: Content;
  constructor(aval: Aval, content: Content) {
    this.aval = aval;
    this.content = content;
  }
}

/** The live handles of one backend, counted. */
export class Buffers {
  readonly #live = new Set<DeviceBuffer>();
  readonly #all = new WeakMap<DeviceBuffer, HostBuffer>();
  #bytes = 0;

  make(aval: Aval, content: Content): HostBuffer {
    const buffer = new HostBuffer(aval, content);
    this.#live.add(buffer);
    this.#all.set(buffer, buffer);
    this.#bytes += byteSize(aval);
    return buffer;
  }

  /** The handle behind what core passes. @throws BackendError when it is another backend's, or was freed. */
  own(buffer: DeviceBuffer): HostBuffer {
    const own = this.#all.get(buffer);
    if (!own || !this.#live.has(buffer))
      throw new BackendError(
        'backend "onnx"',
        own ? "a buffer was freed" : "a buffer is another backend's",
        "pass only live buffers that this backend returned",
      );
    return own;
  }

  free(buffer: DeviceBuffer): void {
    const own = this.own(buffer);
    this.#live.delete(own);
    this.#bytes -= byteSize(own.aval);
  }

  memory(): ReturnType<Backend["memory"]> {
    const use: MemoryUse = { bytes: this.#bytes, buffers: this.#live.size };
    return use;
  }
}
