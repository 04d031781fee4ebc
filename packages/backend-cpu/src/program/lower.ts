// Turns a graph into a program: one or a few steps for each unit of fused nodes.
import {
  allocate,
  at,
  bytesOf,
  resultValues,
  sizeOf,
  toStored,
  type Graph,
  type Shape,
  type TypedArray,
} from "@stria/core";
import type { Tile } from "../kernels/tile.ts";
import type { Pieces } from "../pieces.ts";
import type { Reduction } from "../loops/reduce.ts";
import { classify, numbers, type Classified } from "./classify.ts";
import { addMap, addReduction, ExpressionBuilder } from "./elementwise.ts";
import { group, type Grouping, type Unit } from "./groups.ts";
import { lowerings } from "./lowerings/index.ts";
import { ProgramBuilder, type BufferId } from "./steps.ts";
import { isWhole, wholeView, type View } from "./view.ts";

export interface Program {
  readonly builder: ProgramBuilder;
  /** The buffer of each result. */
  readonly results: readonly BufferId[];
}

export function* lower(graph: Graph, tile: Tile, threads: number): Pieces<Program> {
  const lowering = new Lowering(graph, tile, threads);
  yield;
  return yield* lowering.run();
}

function isReduction(name: string): name is Reduction {
  return name === "sum" || name === "prod" || name === "max";
}

/** The state of lowering one graph; what the rules in lowerings/ work with. */
export class Lowering {
  readonly builder: ProgramBuilder;
  readonly tile: Tile;
  readonly graph: Graph;
  readonly #c: Classified;
  readonly #grouping: Grouping;
  readonly #buffers = new Map<number, BufferId>();
  readonly #copies = new Map<string, BufferId>();

  constructor(graph: Graph, tile: Tile, threads: number) {
    this.graph = graph;
    this.tile = tile;
    this.builder = new ProgramBuilder(threads);
    this.#c = classify(graph);
    this.#grouping = group(this.#c);
  }

  *run(): Pieces<Program> {
    const { graph } = this;
    graph.inputs.forEach(({ value }, index) => this.#buffers.set(value, this.builder.input(index)));
    for (const { value, data } of graph.constants) this.#buffers.set(value, this.builder.constant(data));
    for (const unit of this.#grouping.units) {
      this.builder.nodes = unit.nodes;
      this.#unit(unit);
      yield;
    }
    this.builder.nodes = [];
    const results = resultValues(graph).map((value) => this.dense(value));
    return { builder: this.builder, results };
  }

  shapeOf(value: number): Shape {
    return at(this.graph.values, value).shape;
  }

  /** The memory of a value that has memory of its own, made when it is first asked for. */
  buffer(root: number): BufferId {
    let id = this.#buffers.get(root);
    if (id === undefined) {
      const { shape, dtype } = at(this.graph.values, root);
      const { literal } = at(this.#c.sources, root);
      id =
        literal === undefined
          ? this.builder.local(sizeOf(shape) * bytesOf(dtype))
          : this.builder.constant(filled(shape, literal, dtype));
      this.#buffers.set(root, id);
    }
    return id;
  }

  /** A value as memory and a view of it. */
  read(value: number): { buffer: BufferId; view: View } {
    const { root, view } = at(this.#c.sources, value);
    const { literal } = at(this.#c.sources, value);
    // A number is one element of memory, however large its shape.
    if (literal !== undefined) {
      const { dtype } = at(this.graph.values, value);
      return {
        buffer: this.builder.table(`literal ${dtype} ${Object.is(literal, -0) ? "-0" : literal}`, () =>
          filled([], literal, dtype),
        ),
        view,
      };
    }
    return { buffer: this.buffer(root), view };
  }

  /** A value row-major at the start of a buffer, copied where it is not. */
  dense(value: number): BufferId {
    const { buffer, view } = this.read(value);
    const { dtype } = at(this.graph.values, value);
    if (isWhole(view)) return buffer;
    const key = `${buffer} ${view.offset} ${view.shape.join()} ${view.strides.join()}`;
    let copy = this.#copies.get(key);
    if (copy === undefined) {
      copy = this.builder.local(sizeOf(view.shape) * bytesOf(dtype));
      this.copy(buffer, view, copy, wholeView(view.shape), dtype);
      this.#copies.set(key, copy);
    }
    return copy;
  }

  /** Copies what a view shows to where another view of the same shape points. */
  copy(source: BufferId, from: View, target: BufferId, to: View, dtype: Graph["values"][number]["dtype"]): void {
    addMap(
      this.builder,
      from.shape,
      [{ buffer: source, dtype, view: from }],
      [{ op: "load", operand: 0, dtype }],
      [{ buffer: target, dtype, view: to, expression: 0 }],
    );
  }

  /** Fills a whole buffer with one number. */
  fill(target: BufferId, size: number, value: number, dtype: Graph["values"][number]["dtype"]): void {
    addMap(
      this.builder,
      [size],
      [],
      [{ op: "constant", value, dtype }],
      [{ buffer: target, dtype, view: wholeView([size]), expression: 0 }],
    );
  }

  #unit(unit: Unit): void {
    if (unit.kind === "map") this.#map(unit);
    else if (unit.kind === "reduce") this.#reduce(unit);
    else {
      const node = at(this.graph.nodes, at(unit.nodes, 0));
      const rule = lowerings.get(node.op.name);
      if (!rule) throw new Error(`no lowering of ${node.op.name}`);
      rule(this, node, unit.epilogue);
    }
  }

  #map(unit: Unit): void {
    const { graph } = this;
    const first = at(graph.nodes, at(unit.nodes, 0));
    const output = at(first.outputs, 0);
    if (at(this.#c.kinds, at(unit.nodes, 0)) === "copy") {
      const { buffer, view } = this.read(at(first.inputs, 0));
      this.copy(buffer, view, this.buffer(output), wholeView(view.shape), at(graph.values, output).dtype);
      return;
    }
    const shape = this.shapeOf(output);
    const expressions = new ExpressionBuilder(this.#c, shape, (root) => this.buffer(root));
    const writes = unit.nodes.flatMap((index) => {
      const value = at(at(graph.nodes, index).outputs, 0);
      const expression = expressions.node(index);
      return this.#grouping.stored.has(value)
        ? [{ buffer: this.buffer(value), dtype: at(graph.values, value).dtype, view: wholeView(shape), expression }]
        : [];
    });
    addMap(this.builder, shape, expressions.reads, expressions.expressions, writes);
  }

  #reduce(unit: Unit): void {
    const { graph } = this;
    const node = at(graph.nodes, at(unit.nodes, unit.nodes.length - 1));
    const { name } = node.op;
    if (!isReduction(name)) throw new Error(`${name} is no reduction`);
    const input = at(node.inputs, 0);
    const shape = this.shapeOf(input);
    const expressions = new ExpressionBuilder(this.#c, shape, (root) => this.buffer(root));
    for (const index of unit.nodes.slice(0, -1)) expressions.node(index);
    const expression = expressions.operand(input);
    const output = at(node.outputs, 0);
    addReduction(
      this.builder,
      name,
      at(graph.values, output).dtype,
      shape,
      numbers(node.attrs, "axes"),
      expressions.reads,
      expressions.expressions,
      expression,
      this.buffer(output),
    );
  }
}

function filled(shape: Shape, value: number, dtype: Graph["values"][number]["dtype"]): TypedArray {
  return allocate(dtype, sizeOf(shape)).fill(toStored(dtype, value));
}
