// Turns a graph into a program: one or a few steps for each unit of fused nodes.
import {
  allocate,
  at,
  bytesOf,
  resultValues,
  sizeOf,
  toStored,
  type Graph,
  type GraphNode,
  type Shape,
  type TypedArray,
} from "@stria/core";
import type { Tile } from "../kernels/tile.ts";
import { depthwise, movement, normalisation } from "../parts/index.ts";
import type { Pieces } from "../pieces.ts";
import {
  type Algorithm,
  type Algorithms,
  type Choice,
  chooseAlgorithm,
  loadForChoice,
  type Measured,
  type Pass,
  isDepthwiseShape,
} from "./channels-last/algorithms.ts";
import { classify, hostOf, isItself, rootView, type Classified } from "./classify.ts";
import type { ConvolutionGeometry } from "./convolution.ts";
import { addCopy, addFill } from "./elementwise.ts";
import { group, type Grouping } from "./groups.ts";
import { geometry } from "./lowerings/convolutions.ts";
import { lowerings } from "./lowerings/index.ts";
import { lowerMap } from "./lowerings/maps.ts";
import { lowerReduction } from "./lowerings/reductions.ts";
import { concatenates, layOut } from "./layout.ts";
import { liesIn, orderedView, type Order } from "./order.ts";
import { mergeSteps } from "./merge-steps.ts";
import { keepsPreparation } from "./parameters.ts";
import { type CompilerPass, nothing, type Without } from "./passes.ts";
import { inStages } from "./stages.ts";
import { ProgramBuilder, type BufferId, type Gathering } from "./steps.ts";
import type { Unit } from "./unit.ts";
import type { View } from "./view.ts";

export interface Program {
  readonly builder: ProgramBuilder;
  /** The buffer of each result. */
  readonly results: readonly BufferId[];
  /** Where one memory order meets the other. */
  readonly turned: readonly Turned[];
  /** How the memory of a value lies. */
  orderOf(value: number): Order;
  /** The algorithm of each convolution over pixels, by the nodes of its unit. */
  readonly choices: ReadonlyMap<readonly number[], Choice>;
}

/** A value that is read in another memory order than it has: copied, or element by element in a kernel that does something else as well. */
export interface Turned {
  readonly value: number;
  readonly to: Order;
}

export interface LowerOptions {
  readonly tile: Tile;
  readonly threads: number;
  /** The order of images between convolutions. */
  readonly layout: Order;
  readonly algorithms: Algorithms;
  /** Answers of measurements, which take the place of the rule. */
  readonly measured?: Measured | undefined;
  /** Where what is computed again begins: no node behind it is computed together with one before. */
  readonly boundary?: number;
  /** Whether what is computed from parameters alone may stay for the next run. Default true. */
  readonly mayKeep?: boolean;
  /** Passes that are left out, for tests and to measure what each is worth. Default none. */
  readonly without?: Without;
  /** Where sums are gathered by those who write what is summed up. Default "where it pays". */
  readonly gathering?: Gathering | undefined;
}

/** Whether a node is a convolution with a group for each channel. */
function isDepthwise({ values }: Graph, { op, attrs, inputs }: GraphNode): boolean {
  return op.name === "conv" && attrs["groups"] !== 1 && attrs["groups"] === values[inputs[0] ?? -1]?.shape[1];
}

function hasMoments(graph: Graph): boolean {
  return graph.nodes.some(({ op }) => op.name === "channelMoments");
}

export function* lower(graph: Graph, options: LowerOptions): Pieces<Program> {
  if (graph.nodes.some((node) => isDepthwise(graph, node))) yield* depthwise.wait();
  if (concatenates(graph)) yield* movement.wait();
  if (hasMoments(graph)) yield* normalisation.wait();
  const lowering = new Lowering(graph, options);
  yield;
  return yield* lowering.run();
}

/** The state of lowering one graph; what the rules in lowerings/ work with. */
export class Lowering {
  readonly builder: ProgramBuilder;
  readonly tile: Tile;
  readonly layout: Order;
  readonly graph: Graph;
  readonly classified: Classified;
  readonly grouping: Grouping;
  /** Whether depthwise convolutions may be computed plane by plane: where no algorithm is forced. */
  readonly takesPlanes: boolean;
  readonly #algorithms: Algorithms;
  readonly #measured: Measured | undefined;
  readonly #choices = new Map<readonly number[], Choice>();
  readonly #without: Without;
  readonly #buffers = new Map<number, BufferId>();
  readonly #turned: Turned[] = [];
  readonly #copies = new Map<string, BufferId>();

  constructor(
    graph: Graph,
    {
      tile,
      threads,
      layout,
      algorithms,
      measured,
      boundary,
      mayKeep = true,
      without = nothing,
      gathering = "where it pays",
    }: LowerOptions,
  ) {
    this.#without = without;
    this.graph = graph;
    this.tile = tile;
    this.layout = layout;
    this.#algorithms = algorithms;
    this.#measured = measured;
    this.builder = new ProgramBuilder(threads);
    this.takesPlanes = algorithms === "all" || algorithms === "direct";
    const keepsOrder = (node: GraphNode): boolean => {
      if (!this.takesPlanes || !isDepthwise(graph, node)) return false;
      const [x, weight, y] = [...node.inputs, ...node.outputs].map((value) => this.shapeOf(value));
      if (x === undefined || weight === undefined || y === undefined) return false;
      const g = geometry(node, x, y, weight.slice(2));
      return isDepthwiseShape(g) && depthwise.module.planeWindowsOf(g) !== undefined;
    };
    if (hasMoments(graph) && !without.has("gather"))
      this.builder.gatherer = new normalisation.module.Gatherer(this.builder, gathering);
    this.builder.keepsPreparation = mayKeep && !without.has("preparation") && keepsPreparation(graph);
    this.classified = layout === "row-major" ? classify(graph) : layOut(graph, without, keepsOrder);
    this.grouping = group(this.classified, boundary, without, keepsOrder);
  }

  *run(): Pieces<Program> {
    const { graph } = this;
    graph.inputs.forEach(({ value }, index) => this.#buffers.set(value, this.builder.input(index)));
    for (const { value, data } of graph.constants) this.#buffers.set(value, this.builder.constant(data));
    for (const unit of this.grouping.units) {
      this.builder.nodes = unit.nodes;
      yield* this.#unit(unit);
      yield;
    }
    this.builder.nodes = [];
    const results = resultValues(graph).map((value) => this.dense(value));
    const { steps, threads } = this.builder;
    const has = (pass: CompilerPass): boolean => !this.#without.has(pass);
    const merged = has("mergeSteps") ? mergeSteps(steps, threads, new Set(results)) : [...steps];
    const staged = threads === 1 || !has("stages") ? merged : inStages(merged);
    steps.splice(0, steps.length, ...(has("inPlace") ? staged : staged.map((step) => ({ ...step, inPlace: [] }))));
    return {
      builder: this.builder,
      results,
      turned: this.#turned,
      choices: this.#choices,
      orderOf: (value) => this.orderOf(at(this.classified.sources, value).root),
    };
  }

  /** The algorithm for a pass of the convolution that is being lowered. */
  *choose(g: ConvolutionGeometry, pass: Pass, isLoaded: boolean): Pieces<Algorithm> {
    yield* loadForChoice(g, this.#algorithms);
    const { keepsPreparation: keepsWeights } = this.builder;
    const choice = chooseAlgorithm(g, pass, { algorithms: this.#algorithms, keepsWeights, isLoaded }, this.#measured);
    this.#choices.set(this.builder.nodes, choice);
    return choice.algorithm;
  }

  shapeOf(value: number): Shape {
    return at(this.graph.values, value).shape;
  }

  /** The memory that a root lies in, made when it is first asked for. */
  buffer(value: number): BufferId {
    const root = hostOf(this.classified, value);
    let id = this.#buffers.get(root);
    if (id === undefined) {
      const { shape, dtype } = at(this.graph.values, root);
      const { literal } = at(this.classified.sources, root);
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
    const { root, view } = at(this.classified.sources, value);
    const { literal } = at(this.classified.sources, value);
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

  /** The node that makes a value, where the value is what it makes as it lies. */
  producerOf(value: number): GraphNode | undefined {
    return isItself(this.classified, value)
      ? this.graph.nodes[at(this.classified.producers, at(this.classified.sources, value).root)]
      : undefined;
  }

  /** Whether anything needs a value. */
  isRead(value: number): boolean {
    return this.grouping.isRead(value);
  }

  /** How the memory of a root lies. */
  orderOf(root: number): Order {
    return at(this.classified.orders, root);
  }

  /** A value row-major at the start of a buffer, copied where it is not. */
  dense(value: number): BufferId {
    return this.ordered(value, "row-major");
  }

  /** Whether a value can be had in an order without a copy. */
  isIn(value: number, order: Order): boolean {
    return liesIn(this.read(value).view, order);
  }

  /** Notes that a value is read, or written, across the order in which it lies. */
  noteTurned(value: number, to: Order): void {
    this.#turned.push({ value, to });
  }

  /** A value in an order at the start of a buffer, copied where it lies otherwise. */
  ordered(value: number, order: Order): BufferId {
    const { buffer, view } = this.read(value);
    const { dtype } = at(this.graph.values, value);
    if (liesIn(view, order)) return buffer;
    const key = `${buffer} ${view.offset} ${view.shape.join()} ${view.strides.join()} ${order}`;
    let copy = this.#copies.get(key);
    if (copy === undefined) {
      copy = this.builder.local(sizeOf(view.shape) * bytesOf(dtype));
      this.copy(buffer, view, copy, orderedView(view.shape, order), dtype);
      this.#copies.set(key, copy);
      if (this.orderOf(at(this.classified.sources, value).root) !== order) this.noteTurned(value, order);
    }
    return copy;
  }

  /** Lets a kernel write a value in the one order that it knows, and copies that to where the value lies. */
  write(root: number, order: Order, emit: (buffer: BufferId) => void): void {
    const { shape, dtype } = at(this.graph.values, root);
    const target = this.buffer(root);
    if (liesIn(this.whole(root), order)) return emit(target);
    const made = this.builder.local(sizeOf(shape) * bytesOf(dtype));
    emit(made);
    this.copy(made, orderedView(shape, order), target, this.whole(root), dtype);
    this.noteTurned(root, this.orderOf(root));
  }

  /** A root as it lies in its memory. */
  whole(root: number): View {
    return rootView(this.classified, root);
  }

  /** Copies what a view shows to where another view of the same shape points. */
  copy(source: BufferId, from: View, target: BufferId, to: View, dtype: Graph["values"][number]["dtype"]): void {
    addCopy(this.builder, source, from, target, to, dtype);
  }

  /** Fills a whole buffer with one number. */
  fill(target: BufferId, size: number, value: number, dtype: Graph["values"][number]["dtype"]): void {
    addFill(this.builder, target, size, value, dtype);
  }

  *#unit(unit: Unit): Pieces<void> {
    if (unit.kind === "map") lowerMap(this, unit);
    else if (unit.kind === "reduce") lowerReduction(this, unit);
    else {
      const node = at(this.graph.nodes, at(unit.nodes, 0));
      const rule = lowerings.get(node.op.name);
      if (!rule) throw new Error(`no lowering of ${node.op.name}`);
      const others = unit.epilogue ? [] : unit.nodes.slice(1).map((index) => at(this.graph.nodes, index));
      const added = rule(this, node, unit.epilogue, others);
      if (added) yield* added;
    }
  }
}

function filled(shape: Shape, value: number, dtype: Graph["values"][number]["dtype"]): TypedArray {
  return allocate(dtype, sizeOf(shape)).fill(toStored(dtype, value));
}
