// A convolution or matrix product takes what follows it into its stores: a bias, batch norm by running statistics, a sum with another value, and a
// rectifier with or without an upper bound.
import { at, type GraphNode, sameShape, sizeOf } from "@stria/core";
import { isItself, type Classified } from "./classify.ts";
import type { Uses } from "./uses.ts";

/** What is done to each channel of a convolution, or column of a matrix, with a number of its own. */
export interface ChannelStep {
  readonly op: "add" | "sub" | "mul" | "div";
  readonly operand: number;
}

export interface Epilogue {
  /** One after the other. More than one addition only where all operands are the same in every run: they become one factor and one bias. */
  readonly channels: readonly ChannelStep[];
  /** A value that is added then. */
  readonly residual: number | undefined;
  readonly relu: boolean;
  /** The largest result, where there is a bound. */
  readonly most: number | undefined;
  /** The value that is stored instead of the product's own. */
  readonly output: number;
}

const products: ReadonlySet<string> = new Set(["conv", "convTranspose", "matmul"]);
const channelOps: ReadonlyMap<string, ChannelStep["op"]> = new Map([
  ["add", "add"],
  ["sub", "sub"],
  ["mul", "mul"],
  ["div", "div"],
]);

/** A bound from below or above: `x <= bound ? bound : x`, `bound <= x ? bound : x`. */
interface Bound {
  readonly nodes: readonly number[];
  readonly kind: "least" | "most";
  readonly value: number;
}

/** Walks along what follows one product. */
class Follower {
  readonly #c: Classified;
  readonly #uses: Uses;
  readonly #settled: readonly boolean[];
  readonly #product: number;
  readonly #isPlanes: boolean;
  readonly nodes: number[] = [];
  output: number;

  constructor(c: Classified, uses: Uses, settled: readonly boolean[], product: number, isPlanes: boolean) {
    this.#c = c;
    this.#uses = uses;
    this.#settled = settled;
    this.#product = product;
    this.#isPlanes = isPlanes;
    this.output = at(at(c.graph.nodes, product).outputs, 0);
  }

  #take(nodes: readonly number[]): void {
    this.nodes.push(...nodes);
    this.output = at(at(this.#c.graph.nodes, at(nodes, nodes.length - 1)).outputs, 0);
  }

  /** The op and the other operand of the elementwise node that alone reads the output as it is, and makes the same shape of it. */
  #next(): { readonly index: number; readonly op: string; readonly operand: number | undefined } | undefined {
    const { graph, kinds, sources } = this.#c;
    const index = this.#uses.onlyReader(this.output);
    if (index === undefined || at(kinds, index) !== "map" || !this.#uses.readsWhole(index, this.output))
      return undefined;
    const { op, inputs, outputs } = at(graph.nodes, index);
    const { shape } = at(graph.values, this.output);
    if (sizeOf(shape) === 0 || !sameShape(at(graph.values, at(outputs, 0)).shape, shape)) return undefined;
    const others = inputs.filter((input) => at(sources, input).root !== this.output);
    if (others.length > 1 || inputs.length > 1 + others.length) return undefined;
    return { index, op: op.name, operand: others[0] };
  }

  /** Whether the product can wait for a value: it is made before it, or without anything that a run is given, while the product is not. */
  #isReady(value: number): boolean {
    return this.#isSettled(value) || at(this.#c.producers, at(this.#c.sources, value).root) < this.#product;
  }

  /** Whether a value is the same in every run, and cannot depend on the product because that is not. */
  #isSettled(value: number): boolean {
    return at(this.#settled, value) && !at(this.#settled, this.output);
  }

  /** What is done channel by channel. */
  channels(): ChannelStep[] {
    const { graph, sources } = this.#c;
    const product = at(graph.nodes, this.#product);
    const steps: ChannelStep[] = [];
    const canScale =
      product.op.name === "conv" || (product.op.name === "convTranspose" && product.attrs["groups"] === 1);
    const weight = at(product.inputs, 1);
    for (let next = this.#next(); next; next = this.#next()) {
      const { index, operand } = next;
      const op = channelOps.get(next.op);
      if (op === undefined || operand === undefined || !this.#isForChannels(operand)) break;
      const isFirst = steps.length === 0;
      const plain = isFirst && op === "add" && this.#spans(operand) && this.#isReady(operand);
      const folded =
        canScale && [weight, operand, ...steps.map((step) => step.operand)].every((value) => this.#isSettled(value));
      // What is taken from the product or divided by it is no factor of it.
      const isFirstOperand = at(sources, at(at(graph.nodes, index).inputs, 0)).root === this.output;
      if (!plain && !(folded && (op === "add" || op === "mul" || isFirstOperand))) break;
      steps.push({ op, operand });
      this.#take([index]);
    }
    return steps;
  }

  /** The channels or columns of the output, counted from its last axis, which is 1. */
  #channelAxis(): { readonly fromEnd: number; readonly count: number } {
    const { graph } = this.#c;
    const { shape } = at(graph.values, this.output);
    const axis = at(graph.nodes, this.#product).op.name === "matmul" ? shape.length - 1 : 1;
    return { fromEnd: shape.length - axis, count: at(shape, axis) };
  }

  /** Whether a value is the same everywhere in a channel or column. */
  #isForChannels(operand: number): boolean {
    const { fromEnd } = this.#channelAxis();
    const { view } = at(this.#c.sources, operand);
    return view.shape.every((size, k) => view.shape.length - k === fromEnd || size === 1 || at(view.strides, k) === 0);
  }

  /** Whether a value has a number in memory for each channel or column, side by side. */
  #spans(operand: number): boolean {
    const { fromEnd, count } = this.#channelAxis();
    const { view, literal } = at(this.#c.sources, operand);
    return (
      literal === undefined && (count === 1 || (view.shape.at(-fromEnd) === count && view.strides.at(-fromEnd) === 1))
    );
  }

  /** A value of the same shape that is added, where it lies as the output does. */
  residual(): number | undefined {
    const { graph, sources, orders } = this.#c;
    const next = this.#next();
    if (next?.op !== "add" || next.operand === undefined) return undefined;
    const { operand, index } = next;
    const { root, literal } = at(sources, operand);
    const sum = at(at(graph.nodes, index).outputs, 0);
    const suits =
      literal === undefined &&
      isItself(this.#c, operand) &&
      sameShape(at(graph.values, operand).shape, at(graph.values, sum).shape) &&
      [root, sum].every((value) => at(orders, value) === "channels-last") &&
      this.#isReady(operand);
    if (!suits) return undefined;
    this.#take([index]);
    return operand;
  }

  /** Whether a rectifier follows: as an op, or as a bound of 0 from below. */
  relu(): boolean {
    const next = this.#next();
    if (next?.op === "relu" || (next?.op === "maximum" && this.#literal(next.operand) === 0)) {
      this.#take([next.index]);
      return true;
    }
    const bound = this.#bound();
    if (bound?.kind !== "least" || bound.value !== 0) return false;
    this.#take(bound.nodes);
    return true;
  }

  /** A bound from above. */
  most(): number | undefined {
    // Packed products of row-major images know no bound from above.
    if (at(this.#c.orders, this.output) !== "channels-last" && !this.#isPlanes) return undefined;
    const next = this.#next();
    const literal = next?.op === "minimum" ? this.#literal(next.operand) : undefined;
    const bound = next && literal !== undefined ? { nodes: [next.index], kind: "most", value: literal } : this.#bound();
    if (bound?.kind !== "most") return undefined;
    this.#take(bound.nodes);
    return bound.value;
  }

  #literal(operand: number | undefined): number | undefined {
    return operand === undefined ? undefined : at(this.#c.sources, operand).literal;
  }

  #bound(): Bound | undefined {
    const { graph, sources } = this.#c;
    const x = this.output;
    const [compare, select, ...others] = this.#uses.readers(x);
    if (compare === undefined || select === undefined || others.length > 0 || this.#uses.results.has(x))
      return undefined;
    const [test, choice] = [at(graph.nodes, compare), at(graph.nodes, select)];
    if (test.op.name !== "lessEqual" || choice.op.name !== "where") return undefined;
    const [condition = -1, bound = -1, other = -1] = choice.inputs;
    const mask = at(test.outputs, 0);
    const isX = (value: number): boolean => at(sources, value).root === x && isItself(this.#c, value);
    const isMask = at(sources, condition).root === mask && isItself(this.#c, condition);
    const { literal } = at(sources, bound);
    const [left = -1, right = -1] = test.inputs;
    const kind = isX(left) ? "least" : "most";
    const compared = at(sources, kind === "least" ? right : left).literal;
    if (!isMask || this.#uses.onlyReader(mask) !== select || !isX(other)) return undefined;
    if (kind === "most" && !isX(right)) return undefined;
    if (literal === undefined || !Object.is(compared, literal)) return undefined;
    return { nodes: [compare, select], kind, value: literal };
  }
}

/**
 * What the product at node `index` can absorb, and the nodes that are absorbed; undefined where there is nothing. `settled`: see settledValues.
 * `isPlanes`: whether a node is a depthwise convolution that is computed plane by plane.
 */
export function epilogueOf(
  c: Classified,
  uses: Uses,
  settled: readonly boolean[],
  index: number,
  isPlanes: (node: GraphNode) => boolean,
): { nodes: number[]; epilogue: Epilogue } | undefined {
  const node = at(c.graph.nodes, index);
  const { name } = node.op;
  if (!products.has(name)) return undefined;
  const follower = new Follower(c, uses, settled, index, isPlanes(node));
  const channels = follower.channels();
  const residual = name === "matmul" ? undefined : follower.residual();
  const relu = follower.relu();
  const most = relu && name !== "matmul" ? follower.most() : undefined;
  const { nodes, output } = follower;
  return nodes.length > 0 ? { nodes, epilogue: { channels, residual, relu, most, output } } : undefined;
}
