// What an op is: its name, its shape rule, its gradient and its decomposition, all in one object in one file.
import { type Aval, checkSize } from "./tensor/aval.ts";
import type { Tensor } from "./tensor/tensor.ts";

/** A plain value that a graph can carry and a file can hold. */
export type AttrValue = number | boolean | string | readonly number[] | readonly (readonly [number, number])[];

/** Attributes of a node: plain data, normalised (no defaults left out). */
export type Attrs = Readonly<Record<string, AttrValue>>;

/** What a gradient rule is given. */
export interface VjpContext<A extends object = Attrs> {
  /** Cotangent of the first output. Zeros where nothing depends on it. */
  readonly dy: Tensor;
  /** Cotangents of all outputs; null where nothing depends on that output. */
  readonly dys: readonly (Tensor | null)[];
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attrs: A;
  /** Whether a gradient of input i is wanted: a rule may return null where it is not. */
  readonly wanted: readonly boolean[];
}

/**
 * The definition of an op. `infer` is the only place for shapes, dtypes and their errors. `vjp` gives the gradient of each input, in terms of
 * ops, null where there is none; an op without `vjp` is differentiated through its decomposition. `decompose` says the op in simpler ones.
 */
export interface Op<A extends object = Attrs> {
  readonly name: string;
  /** The shapes and dtypes of the outputs. @throws ShapeError, DTypeError or AttributeError for what the op does not take. */
  infer(inputs: readonly Aval[], attrs: A): readonly Aval[];
  /** The cotangent of each input, null where there is none. */
  vjp?(context: VjpContext<A>): readonly (Tensor | null)[];
  /** The outputs, said in simpler ops. */
  decompose?(inputs: readonly Tensor[], attrs: A): readonly Tensor[];
}

export interface OpRules<A extends object> {
  infer(inputs: readonly Aval[], attrs: A): Aval | readonly Aval[];
  vjp?(context: VjpContext<A>): readonly (Tensor | null)[];
  decompose?(inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** An op with typed attributes as one of a graph, whose attributes are plain data. */
export function untyped<A extends object>(op: Op<A>): Op;
export function untyped(op: Op): Op {
  return op;
}

/** Defines an op. Call it once, at the top of the op's own file. */
export function defineOp<A extends object = Attrs>(name: string, rules: OpRules<A>): Op<A> {
  const { infer, vjp, decompose } = rules;
  return {
    name,
    infer(inputs, attrs) {
      const result = infer(inputs, attrs);
      const avals = isList(result) ? result : [result];
      for (const { shape } of avals) checkSize(name, shape);
      return avals;
    },
    ...(vjp && { vjp }),
    ...(decompose && {
      decompose(inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
        const result = decompose(inputs, attrs);
        return isList(result) ? result : [result];
      },
    }),
  };
}
