// Emits elementwise units and reductions: graph nodes become an expression list, their operands strided reads.
import { at, bytesOf, sizeOf, type DType, type Shape } from "@stria/core";
import type { Expression } from "../loops/expression.ts";
import { isFlat, mapKernel, mapUnits, segmentsKernel, type MapSpec } from "../loops/map.ts";
import { isExpressionOp, isItself, type Classified } from "./classify.ts";
import { sameView } from "./order.ts";
import type { Argument, BufferId, ProgramBuilder } from "./steps.ts";
import { addTurn } from "./turn.ts";
import { broadcast, mergeAxes, type View, wholeView } from "./view.ts";

/** An operand of a kernel: memory, and how to look at it. */
export interface Read {
  readonly buffer: BufferId;
  readonly dtype: DType;
  readonly view: View;
}

export interface Write extends Read {
  readonly expression: number;
}

/** The expressions of some nodes over one index space, with the memory that they read. */
export class ExpressionBuilder {
  readonly expressions: Expression[] = [];
  readonly reads: Read[] = [];
  readonly #places = new Map<string, number>();
  readonly #values = new Map<number, number>();
  readonly #c: Classified;
  readonly #shape: Shape;
  readonly #bufferOf: (root: number) => BufferId;

  constructor(c: Classified, shape: Shape, bufferOf: (root: number) => BufferId) {
    this.#c = c;
    this.#shape = shape;
    this.#bufferOf = bufferOf;
  }

  /** The expression of an operand: one made here, a number, or a load. */
  operand(value: number): number {
    const { root, view, literal } = at(this.#c.sources, value);
    const made = this.#values.get(root);
    if (made !== undefined && isItself(this.#c, value)) return made;
    const { dtype } = at(this.#c.graph.values, value);
    if (literal !== undefined)
      return this.#push(`=${dtype}${Object.is(literal, -0) ? "-0" : literal}`, {
        op: "constant",
        value: literal,
        dtype,
      });
    return this.load({ buffer: this.#bufferOf(root), dtype, view: broadcast(view, this.#shape) });
  }

  load(read: Read): number {
    const key = `@${read.buffer} ${read.view.offset} ${read.view.strides.join()}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.reads.push(read);
    return this.#push(key, { op: "load", operand: this.reads.length - 1, dtype: read.dtype });
  }

  node(index: number): number {
    const { graph } = this.#c;
    const node = at(graph.nodes, index);
    const { name } = node.op;
    if (!isExpressionOp(name)) throw new Error(`${name} is not elementwise`);
    const output = at(node.outputs, 0);
    const inputs = node.inputs.map((input) => this.operand(input));
    const place = this.expressions.push({ op: name, inputs, dtype: at(graph.values, output).dtype }) - 1;
    this.#values.set(output, place);
    return place;
  }

  #push(key: string, expression: Expression): number {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.expressions.push(expression) - 1;
      this.#places.set(key, place);
    }
    return place;
  }
}

export function addressOf({ buffer, view, dtype }: Read): Argument {
  return { buffer, offset: view.offset * bytesOf(dtype) };
}

/** What an op costs beside adding, roughly. */
const costs: Readonly<Record<string, number>> = {
  exp: 15,
  log: 20,
  tanh: 30,
  erf: 30,
  sin: 40,
  cos: 40,
  pow: 60,
  sigmoid: 20,
  log1p: 25,
  expm1: 20,
  div: 3,
  sqrt: 3,
};

/** What computing one vector costs, in simple operations. */
export function costOf(expressions: readonly Expression[]): number {
  return expressions.reduce((sum, { op }) => sum + (costs[op] ?? 1), 0);
}

/** Axes in the order in which memory is walked: the widest steps first. */
export function byStride(axes: readonly number[], accesses: readonly Read[]): number[] {
  const step = (axis: number): number => accesses.reduce((sum, { view }) => sum + Math.abs(at(view.strides, axis)), 0);
  return axes.toSorted((a, b) => step(b) - step(a));
}

/** Vectors of a step that is small; of one that can be done together with others at all; and of one part of it. */
const smallVectors = 4096;
const mostVectors = 2 ** 18;
const partVectors = 2048;

/** The argument words of the parts of a flat space: addresses, and vectors. */
function partsOf(accesses: readonly Read[], strides: readonly (readonly number[])[], vectors: number): Argument[][] {
  return Array.from({ length: Math.ceil(vectors / partVectors) }, (_, part) => {
    const first = part * partVectors;
    const moved = accesses.map((access, index) => {
      const { offset } = access.view;
      return addressOf({
        ...access,
        view: { ...access.view, offset: offset + first * 4 * (strides[index]?.[0] ?? 0) },
      });
    });
    return [...moved, Math.min(partVectors, vectors - first)];
  });
}

/** One pass over `shape` that writes `writes`. Outputs that are whole buffers may be written to the end of their last vector. */
export function addMap(
  builder: ProgramBuilder,
  shape: Shape,
  reads: readonly Read[],
  expressions: readonly Expression[],
  writes: readonly Write[],
): void {
  if (sizeOf(shape) === 0 || writes.length === 0) return;
  const accesses = [...reads, ...writes];
  const axes = byStride([...shape.keys()], [at(writes, 0)]);
  const { sizes, strides } = mergeAxes(
    axes.map((axis) => at(shape, axis)),
    accesses.map(({ view }) => axes.map((axis) => at(view.strides, axis))),
  );
  if (sizes.length === 0) {
    sizes.push(1);
    strides.forEach((list, index) => list.push(index < reads.length ? 0 : 1));
  }
  const [load, ...computed] = expressions;
  if (load?.op === "load" && computed.length === 0 && addTurn(builder, sizes, accesses, strides)) return;
  const spec = (dims: readonly number[], lists: readonly (readonly number[])[]): MapSpec => ({
    sizes: dims,
    operands: reads.map(({ dtype }, index) => ({ dtype, strides: at(lists, index) })),
    outputs: writes.map(({ dtype, expression }, index) => ({
      dtype,
      expression,
      strides: at(lists, reads.length + index),
    })),
    expressions,
  });
  let made = spec(sizes, strides);
  // A flat kernel writes whole vectors, so a part of a buffer takes the kernel that ends where its rows end.
  const isPart = ({ buffer, dtype }: Write): boolean => {
    const target = at(builder.buffers, buffer);
    return target.kind !== "local" || target.bytes !== sizeOf(shape) * bytesOf(dtype);
  };
  if (isFlat(made) && writes.some(isPart))
    made = spec(
      [1, ...sizes],
      strides.map((list) => [0, ...list]),
    );
  const alone = (read: Read): boolean => reads.filter(({ buffer }) => buffer === read.buffer).length === 1;
  const inPlace = writes.flatMap((write) =>
    reads
      .filter(
        (read) =>
          !isPart(write) &&
          sameView(read.view, write.view) &&
          bytesOf(read.dtype) === bytesOf(write.dtype) &&
          alone(read),
      )
      .map((read) => [read.buffer, write.buffer] as const),
  );
  const [units, cost] = [mapUnits(made), (sizeOf(shape) / 4) * costOf(expressions)];
  const words = accesses.map(addressOf);
  const segment =
    isFlat(made) && units <= mostVectors
      ? { kernel: segmentsKernel(made), parts: partsOf(accesses, strides, units), cost, isLarge: units > smallVectors }
      : undefined;
  builder.step({
    inPlace,
    kernel: mapKernel(made),
    ...(segment ? { segment } : {}),
    arguments: words,
    units,
    cost,
    reads: reads.map(({ buffer }) => buffer),
    writes: writes.map(({ buffer }) => buffer),
  });
}

/** Copies what a view shows to where another view of the same shape points. */
export function addCopy(
  builder: ProgramBuilder,
  source: BufferId,
  from: View,
  target: BufferId,
  to: View,
  dtype: DType,
): void {
  addMap(
    builder,
    from.shape,
    [{ buffer: source, dtype, view: from }],
    [{ op: "load", operand: 0, dtype }],
    [{ buffer: target, dtype, view: to, expression: 0 }],
  );
}

/** Fills a whole buffer with one number. */
export function addFill(builder: ProgramBuilder, target: BufferId, size: number, value: number, dtype: DType): void {
  addMap(
    builder,
    [size],
    [],
    [{ op: "constant", value, dtype }],
    [{ buffer: target, dtype, view: wholeView([size]), expression: 0 }],
  );
}
