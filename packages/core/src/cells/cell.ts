// Cells: the parameters and the state of a model. A trace sees a read as an input and a write as a writeback.
import type { Backend } from "../backend.ts";
import { type Aval, type Shape, checkSize, sameAval, showAval } from "../tensor/aval.ts";
import { type DType, type TypedArray, fromNumbers } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type RandomKey, streamKey, rootSeed } from "../random/index.ts";
import { nextUnnamed } from "../random/root.ts";
import { Storage } from "../execution/storage.ts";
import { Tensor } from "../tensor/tensor.ts";
import { currentTrace } from "../trace/trace.ts";

/** Makes the first value of a cell on the host, from a random stream that is the cell's own. */
export type Initialiser = (shape: Shape, key: RandomKey) => TypedArray;

const brand = Symbol.for("stria.cell");

/** What a cell holds; an object of its own, so that it can be given back when the cell is gone. */
interface Held {
  storage: Storage | undefined;
}

const strays = new FinalizationRegistry<Held>(({ storage }) => storage?.release());

/** A named place that holds a tensor across runs. A cell that nothing can reach any more gives its memory back. */
export class Cell {
  readonly aval: Aval;
  readonly role: "param" | "state";
  readonly #initialise: Initialiser;
  #path: string | undefined;
  #named = false;
  #standIn: Tensor | undefined;
  readonly #held: Held = { storage: undefined };

  constructor(role: "param" | "state", shape: Shape, dtype: DType, initialise: Initialiser) {
    Object.defineProperty(this, brand, { value: true });
    this.role = role;
    this.aval = { shape, dtype };
    this.#initialise = initialise;
    strays.register(this, this.#held);
  }

  get shape(): Shape {
    return this.aval.shape;
  }

  get dtype(): DType {
    return this.aval.dtype;
  }

  /** Path in the model, such as `layer1.0.conv1.weight`, once a walk has found it; before, a count since the seed was set. */
  get path(): string {
    this.#path ??= `unnamed.${nextUnnamed()}`;
    return this.#path;
  }

  /** Names the cell; the first name stays, since the first value depends on it. */
  name(path: string): void {
    if (this.#named) return;
    this.#named = true;
    this.#path = path;
  }

  /** The current value: inside a trace its input (or what was written), outside a tensor that shares the cell's memory. */
  get value(): Tensor {
    if (this.#standIn) return this.#standIn;
    return currentTrace()?.readCell(this) ?? Tensor.concrete(this.storage().retain());
  }

  /** Runs the synchronous `f` with another tensor of the same shape in the place of the value, such as a weight that was normalised. */
  standIn<T>(value: Tensor, f: () => T): T {
    if (!sameAval(value.aval, this.aval))
      throw new ShapeError(
        this.path,
        `a ${showAval(value.aval)} cannot stand for a ${showAval(this.aval)}`,
        "give a value of the same shape and dtype",
      );
    const outer = this.#standIn;
    this.#standIn = value;
    try {
      return f();
    } finally {
      this.#standIn = outer;
    }
  }

  /** The numbers while they are on the host: the first value, or what was loaded. Undefined once they are on a device. Do not write to them. */
  get hostData(): TypedArray | undefined {
    return this.storage().hostData;
  }

  /** Replaces the value. Inside a trace this happens at the end of each run. @throws ShapeError when shape or dtype differ. */
  set(value: Tensor): void {
    if (!sameAval(value.aval, this.aval))
      throw new ShapeError(
        this.path,
        `a ${showAval(value.aval)} cannot replace a ${showAval(this.aval)}`,
        "write a value of the same shape and dtype",
      );
    const trace = currentTrace();
    if (trace) trace.writeCell(this, value);
    else this.replace(value.storage(this.path).retain());
  }

  /** Sets the value from host data (copied); a Float32Array is rounded where the cell is float16. */
  load(data: TypedArray): void {
    this.replace(Storage.host(this.aval, fromNumbers(this.dtype, data.slice())));
  }

  /** @internal The backend that holds the value; undefined while it is on the host, or not made yet. */
  get backend(): Backend | undefined {
    return this.#held.storage?.backend;
  }

  /** @internal The memory of the value, made at first use. */
  storage(): Storage {
    if (!this.#held.storage) checkSize(this.path, this.aval.shape);
    this.#held.storage ??= Storage.host(
      this.aval,
      fromNumbers(this.dtype, this.#initialise(this.aval.shape, streamKey(rootSeed(), "init", this.path))),
    ).keptAt(this.path);
    return this.#held.storage;
  }

  /** @internal Takes over one ownership of `storage`, and gives up its own of the old one. */
  replace(storage: Storage): void {
    const old = this.#held.storage;
    this.#held.storage = storage.keptAt(this.path);
    old?.release();
  }

  /** @internal Takes over `storage`; the caller takes the ownership of the old one. */
  exchange(storage: Storage): Storage {
    const old = this.storage();
    this.#held.storage = storage.keptAt(this.path);
    return old;
  }
}

/** A trainable tensor of a layer. */
export class Parameter extends Cell {
  /** Whether training changes it: set to false to freeze it. */
  trainable = true;

  constructor(shape: Shape, initialise: Initialiser, dtype: DType = "float32") {
    super("param", shape, dtype, initialise);
  }
}

/** A tensor that a layer keeps and training does not differentiate by, such as running statistics. */
export class State extends Cell {
  constructor(shape: Shape, initialise: Initialiser, dtype: DType = "float32") {
    super("state", shape, dtype, initialise);
  }
}

/** Whether a value is a parameter or a state. */
export function isCell(value: unknown): value is Cell {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}
