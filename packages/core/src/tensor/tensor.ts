// The tensor: a handle whose value may still be on its way. Methods are the ops that almost every program uses; the rest are functions.
// This file and the ops it imports need each other: a method calls an op, an op returns a tensor. Nothing runs when they load.
import { type Aval, type Shape, at, showAval, sizeOf } from "./aval.ts";
import type { Backend } from "../backend.ts";
import { type DType, type TypedArray, fromStored, toNumbers } from "./dtype.ts";
import type { TensorLike } from "./dispatch.ts";
import { elementOf } from "./element.ts";
import { DisposedError, ShapeError, TraceError } from "../errors.ts";
import { abs } from "../ops/abs.ts";
import { add } from "../ops/add.ts";
import { argMax } from "../ops/argMax.ts";
import { cast } from "../ops/cast.ts";
import { div } from "../ops/div.ts";
import { equal } from "../ops/equal.ts";
import { exp } from "../ops/exp.ts";
import { greater, less } from "../ops/less.ts";
import { log } from "../ops/log.ts";
import { matmul } from "../ops/matmul.ts";
import { max } from "../ops/max.ts";
import { maximum } from "../ops/maximum.ts";
import { minimum } from "../ops/minimum.ts";
import { mul, square } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { pow } from "../ops/pow.ts";
import { reshape } from "../ops/reshape.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";
import { mean, type ReduceOptions, sum } from "../ops/sum.ts";
import { transpose } from "../ops/transpose.ts";
import { defineInConsole } from "#in-console";
import { sessionOf } from "../execution/runtime.ts";
import { trackInScope } from "../trace/scope.ts";
import { Storage } from "../execution/storage.ts";
import type { Trace } from "../trace/trace.ts";

type Source =
  | { readonly kind: "concrete"; readonly storage: Storage }
  | { readonly kind: "traced"; readonly trace: Trace; readonly value: number };

/** Nested arrays of numbers or booleans, as deep as the tensor's rank. */
export type NestedArray = number | boolean | NestedArray[];

const brand = Symbol.for("stria.tensor");
const strays = new FinalizationRegistry<Storage>((storage) => storage.release());

/** Whether a value is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}

/** An n-dimensional array of one dtype. Immutable. Memory is given back when the last handle is gone; `dispose` does it at once. */
export class Tensor {
  static {
    Object.defineProperty(Tensor.prototype, brand, { value: true });
    defineInConsole(Tensor.prototype);
  }

  readonly aval: Aval;
  /** @internal */
  readonly source: Source;
  #disposed = false;

  private constructor(value: Aval, source: Source) {
    this.aval = value;
    this.source = source;
  }

  /** @internal A handle on `storage`; takes over one ownership. */
  static concrete(storage: Storage): Tensor {
    const tensor = new Tensor(storage.aval, { kind: "concrete", storage });
    strays.register(tensor, storage, tensor);
    trackInScope(tensor);
    return tensor;
  }

  /** @internal A value of a trace. */
  static traced(value: Aval, trace: Trace, number: number): Tensor {
    return new Tensor(value, { kind: "traced", trace, value: number });
  }

  get shape(): Shape {
    return this.aval.shape;
  }

  get dtype(): DType {
    return this.aval.dtype;
  }

  get rank(): number {
    return this.aval.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.aval.shape);
  }

  /** @internal The memory of a concrete tensor. @throws TraceError for a traced one. */
  storage(subject: string): Storage {
    if (this.source.kind === "traced")
      throw new TraceError(
        subject,
        `a traced ${showAval(this.aval)} has no value yet`,
        "compute with tensors instead (where, maximum, comparisons), or return the tensor from the traced function and read it there",
      );
    if (this.#disposed)
      throw new DisposedError(subject, "the tensor was disposed", "keep it until it is no longer used");
    return this.source.storage;
  }

  /** Row-major data, a copy; float16 as a Float32Array. @throws what the run threw that should have computed it. */
  async data(): Promise<TypedArray> {
    const data = await this.storage("data()").read();
    return this.dtype === "float16" ? toNumbers(this.dtype, data) : data.slice();
  }

  /** The only element. @throws ShapeError when there is not exactly one. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(
        "item()",
        `the tensor has ${this.size} elements, shape [${this.shape.join(", ")}]`,
        "use data() or array()",
      );
    return fromStored(this.dtype, at(await this.storage("item()").read(), 0));
  }

  /** Nested arrays of numbers (booleans for bool). */
  async array(): Promise<NestedArray> {
    const data = await this.storage("array()").read();
    let offset = 0;
    const build = (axis: number): NestedArray => {
      if (axis === this.rank) return elementOf(data, offset++, this.dtype);
      return Array.from({ length: at(this.shape, axis) }, () => build(axis + 1));
    };
    return build(0);
  }

  /** The same value on another backend. */
  async to(backend: Backend): Promise<Tensor> {
    const storage = Storage.host(this.aval, (await this.storage("to()").read()).slice());
    storage.placeOn(sessionOf(backend).backend, "to()");
    return Tensor.concrete(storage);
  }

  /** Whether the memory was given back by `dispose`, or with the `scope` that the tensor was made in. */
  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Gives the memory back now instead of when the handle is collected. Ordinary code need not call it. */
  dispose(): void {
    if (this.source.kind === "traced" || this.#disposed) return;
    this.#disposed = true;
    strays.unregister(this);
    this.source.storage.release();
  }

  // Methods, in the order of the import list.
  /** This + other, broadcast. @throws ShapeError, DTypeError as `add` does. */
  add(other: TensorLike | number): Tensor {
    return add(this, other);
  }
  /** This - other, broadcast. */
  sub(other: TensorLike | number): Tensor {
    return sub(this, other);
  }
  /** This * other, element by element, broadcast. */
  mul(other: TensorLike | number): Tensor {
    return mul(this, other);
  }
  /** This / other, broadcast; float32 only. */
  div(other: TensorLike | number): Tensor {
    return div(this, other);
  }
  /** This to the power of `exponent`, broadcast; float32 only. */
  pow(exponent: TensorLike | number): Tensor {
    return pow(this, exponent);
  }
  /** The negative of each element. */
  neg(): Tensor {
    return neg(this);
  }
  /** The absolute value of each element. */
  abs(): Tensor {
    return abs(this);
  }
  /** Each element times itself. */
  square(): Tensor {
    return square(this);
  }
  /** The square root of each element; NaN of negatives. */
  sqrt(): Tensor {
    return sqrt(this);
  }
  /** e to the power of each element. */
  exp(): Tensor {
    return exp(this);
  }
  /** The natural logarithm of each element; NaN of negatives. */
  log(): Tensor {
    return log(this);
  }
  /** The larger of this and other, element by element, broadcast; NaN where either is. */
  maximum(other: TensorLike | number): Tensor {
    return maximum(this, other);
  }
  /** The smaller of this and other, element by element, broadcast; NaN where either is. */
  minimum(other: TensorLike | number): Tensor {
    return minimum(this, other);
  }
  /** Bool: where this equals other, broadcast. */
  equal(other: TensorLike | number): Tensor {
    return equal(this, other);
  }
  /** Bool: where this is less than other, broadcast. */
  less(other: TensorLike | number): Tensor {
    return less(this, other);
  }
  /** Bool: where this is greater than other, broadcast. */
  greater(other: TensorLike | number): Tensor {
    return greater(this, other);
  }
  /** The sum over `axes`, all when none are given; `keepDims` keeps them with length 1. */
  sum(axes?: number | readonly number[], options?: ReduceOptions): Tensor {
    return sum(this, axes, options);
  }
  /** The mean over `axes`, all when none are given. */
  mean(axes?: number | readonly number[], options?: ReduceOptions): Tensor {
    return mean(this, axes, options);
  }
  /** The largest element over `axes`, all when none are given; NaN wins. */
  max(axes?: number | readonly number[], options?: ReduceOptions): Tensor {
    return max(this, axes, options);
  }
  /** Int32: the place of the largest element along `axis`; of the first among equals. */
  argMax(axis?: number, options?: ReduceOptions): Tensor {
    return argMax(this, axis, options);
  }
  /** The same elements in row-major order in another shape; one length may be -1. @throws ShapeError when the sizes differ. */
  reshape(shape: Shape): Tensor {
    return reshape(this, shape);
  }
  /** Axis k of the result is axis `permutation[k]`; reversed when none is given. */
  transpose(permutation?: readonly number[]): Tensor {
    return transpose(this, permutation);
  }
  /** The matrix product over the last two axes, [..., m, k] by [..., k, n]; the axes before them broadcast. */
  matmul(other: TensorLike): Tensor {
    return matmul(this, other);
  }
  /** The same elements as another dtype; floats are cut towards zero to become integers. */
  cast(dtype: DType): Tensor {
    return cast(this, dtype);
  }

  /** Stops JavaScript from treating a tensor as a number or a condition without a word. */
  [Symbol.toPrimitive](): never {
    throw new TraceError(
      showAval(this.aval),
      "a tensor was used as a JavaScript number or string",
      "use its methods (a.add(b), a.less(b)), and `await tensor.item()` to read one",
    );
  }
}
