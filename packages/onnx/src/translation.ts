// What a rule of the translation table is given, and what it returns.
import { type Attrs, type Aval, type NodeSpec, type Shape, at, sameShape } from "@stria/core";
import type { Writer } from "./writer.ts";

/** A tensor in the model, by name. */
export interface Named {
  readonly name: string;
  readonly shape: Shape;
  /** Where the elements are known to be places from 0 up to but not including this: a runtime refuses others. */
  readonly below?: number;
}

/**
 * A value of the graph while it is translated. A value that is a smaller one repeated (a filled tensor, a broadcast) is kept small: ops that
 * broadcast take the small one, and the large one is written only where something needs it.
 */
export class Value {
  readonly aval: Aval;
  readonly #writer: Writer;
  readonly #small: Named;
  #name: string | undefined;

  private constructor(writer: Writer, aval: Aval, small: Named, name: string | undefined) {
    this.aval = aval;
    this.#writer = writer;
    this.#small = small;
    this.#name = name;
  }

  static whole(writer: Writer, aval: Aval, name: string): Value {
    return new Value(writer, aval, { name, shape: aval.shape }, name);
  }

  /** `small` broadcast to the shape of `aval`. */
  static repeated(writer: Writer, aval: Aval, small: Named): Value {
    return new Value(writer, aval, small, sameShape(small.shape, aval.shape) ? small.name : undefined);
  }

  /** The name of the whole tensor. */
  get name(): string {
    this.#name ??= this.#writer.node("Expand", [this.#small.name, this.#writer.integers(this.aval.shape)]);
    return this.#name;
  }

  /** A tensor that broadcasts to this one: the whole or the smaller one that it repeats. */
  get small(): Named {
    return this.#name === undefined || this.#name === this.#small.name
      ? this.#small
      : { name: this.#name, shape: this.aval.shape };
  }
}

/** What a rule is given. */
export interface Translation {
  readonly writer: Writer;
  readonly attrs: Attrs;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Aval[];
  /** Whether something reads output i. */
  readonly wanted: readonly boolean[];
  /** Whether to spell out what ONNX leaves to the runtime: NaN, and the tails of functions. */
  readonly exact: boolean;
}

/** A rule: writes nodes, and returns the names of the outputs (or the small tensor that an output repeats). */
export type Translate = (translation: Translation) => readonly (string | Named)[];

/** A row of the translation table. */
export interface Rule {
  readonly translate: Translate;
  /** Whether the rule takes this node; it takes every node when not given. */
  readonly takes?: (node: NodeSpec) => boolean;
}

/** Input `index`, written whole. */
export function nameOf({ inputs }: Translation, index: number): string {
  return at(inputs, index).name;
}

/** Names of the operands of an op that broadcasts: as small as they may be while the result still has its shape. */
export function broadcastOperands({ inputs, outputs }: Translation): string[] {
  const target = at(outputs, 0).shape;
  const reached = (shapes: readonly Shape[]): boolean =>
    target.every(
      (length, axis) => length === 1 || shapes.some((shape) => shape[axis - target.length + shape.length] === length),
    ) && shapes.some((shape) => shape.length === target.length);
  const small = inputs.map((value) => value.small);
  if (reached(small.map(({ shape }) => shape))) return small.map(({ name }) => name);
  return inputs.map((value) => value.name);
}
