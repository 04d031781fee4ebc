// Which values lie channels-last: what flows between convolutions, through everything that takes any order, so that the only copies from one order to
// another are where such a region begins or ends.
import { at, type Graph, type GraphNode, sameShape } from "@stria/core";
import { movement } from "../parts/index.ts";
import { classify, rootView, type Classified } from "./classify.ts";
import { isSameInAnyOrder, liesIn, type Order } from "./order.ts";
import { nothing, type Without } from "./passes.ts";

/** Inputs that these want channels-last, and whether they make their output so. */
const seeds: ReadonlyMap<string, { readonly inputs: readonly number[]; readonly output: boolean }> = new Map([
  ["conv", { inputs: [0], output: true }],
  ["convTranspose", { inputs: [0], output: true }],
  ["convWeightGradient", { inputs: [0, 1], output: false }],
]);

/** Ops beside elementwise ones whose operands and outputs are best in one order, whichever. */
const passing: ReadonlySet<string> = new Set([
  "maxPool",
  "maxPoolGradient",
  "maxPoolGather",
  "avgPool",
  "avgPoolGradient",
  "pad",
  "concat",
  "iota",
]);

/** Ops whose output is best in the order of the one operand of its shape; other operands are numbers for whole pixels. */
const following: ReadonlySet<string> = new Set(["softmaxCrossEntropyGradient"]);

/** Kernels that write any order; all others write row-major. */
function writesAnyOrder(c: Classified, node: number): boolean {
  const kind = at(c.kinds, node);
  const { name } = at(c.graph.nodes, node).op;
  return kind !== "kernel" || passing.has(name) || following.has(name) || seeds.get(name)?.output === true;
}

/** Sets of values that share an order. */
class Regions {
  readonly #parents: number[];

  constructor(count: number) {
    this.#parents = Array.from({ length: count }, (_, value) => value);
  }

  find(value: number): number {
    let root = value;
    for (let parent = at(this.#parents, root); parent !== root; parent = at(this.#parents, root)) root = parent;
    for (let next = value; next !== root;) {
      const parent = at(this.#parents, next);
      this.#parents[next] = root;
      next = parent;
    }
    return root;
  }

  join(a: number, b: number): void {
    this.#parents[this.find(a)] = this.find(b);
  }
}

/** Values whose order is ours to choose, and not the same in both. */
function isFree(c: Classified, value: number): boolean {
  const { shape } = at(c.graph.values, value);
  const producer = at(c.producers, value);
  const { root, literal } = at(c.sources, value);
  return (
    producer >= 0 &&
    root === value &&
    literal === undefined &&
    shape.length >= 3 &&
    shape.length <= 5 &&
    !isSameInAnyOrder(shape) &&
    writesAnyOrder(c, producer)
  );
}

/** Whether a convolution is computed in either order, so that it takes that of what is around it. */
type KeepsOrder = (node: GraphNode) => boolean;

/** The order of every value that has memory of its own, for the views that `c` found. */
function ordersOf(c: Classified, keepsOrder: KeepsOrder): Order[] {
  const { graph, sources } = c;
  const free = graph.values.map((_, value) => isFree(c, value));
  const regions = new Regions(graph.values.length);
  const wanted: number[] = [];
  /** The memory behind a value of this rank, where axes are still axes. */
  const behind = (value: number): number | undefined => {
    const { root, view } = at(sources, value);
    const whole = rootView(c, root).strides;
    const isUnturned = view.strides.every((stride, axis) => stride === 0 || stride === whole[axis]);
    return at(free, root) && view.strides.length === whole.length && isUnturned ? root : undefined;
  };
  graph.nodes.forEach((node, index) => {
    const seed = seeds.get(node.op.name);
    const keeps = seed !== undefined && keepsOrder(node);
    if (seed && !keeps) {
      for (const input of seed.inputs) wanted.push(...wantedBy(c, free, at(node.inputs, input)));
      if (seed.output) wanted.push(at(node.outputs, 0));
    }
    const follows = following.has(node.op.name);
    if (at(c.kinds, index) !== "map" && !passing.has(node.op.name) && !follows && !keeps) return;
    const { shape } = at(graph.values, at(node.outputs, 0));
    const inputs = keeps ? (seed?.inputs ?? []).map((place) => at(node.inputs, place)) : node.inputs;
    const alike = [...node.outputs, ...inputs].filter(
      (value) => !follows || sameShape(at(graph.values, value).shape, shape),
    );
    const [first, ...rest] = alike.flatMap((value) => behind(value) ?? []);
    if (first !== undefined) for (const other of rest) regions.join(first, other);
  });
  const chosen = new Set(wanted.filter((value) => at(free, value)).map((value) => regions.find(value)));
  return graph.values.map((_, value) =>
    at(free, value) && chosen.has(regions.find(value)) ? "channels-last" : "row-major",
  );
}

/** The root that would have to lie channels-last for a convolution to read this value as it is. */
function wantedBy(c: Classified, free: readonly boolean[], value: number): number[] {
  const { root, view } = at(c.sources, value);
  return at(free, root) && !(at(c.orders, root) === "row-major" && liesIn(view, "channels-last")) ? [root] : [];
}

/** What is copied because strides cannot say it depends on the orders; and what is copied has an order of its own. */
const rounds = 3;

/** Whether a graph has concatenations, so that `movement` has to be loaded before it is laid out. */
export function concatenates({ nodes }: Graph): boolean {
  return nodes.some(({ op }) => op.name === "concat");
}

/** Classifies a graph with images channels-last where convolutions want them so, and concatenations in place. */
export function layOut(graph: Graph, without: Without = nothing, keepsOrder: KeepsOrder = () => false): Classified {
  let c = classify(graph);
  for (let round = 0; round < rounds; round++) {
    const orders = ordersOf(c, keepsOrder);
    if (orders.every((order, value) => order === at(c.orders, value))) break;
    c = classify(graph, { orders });
  }
  if (without.has("placement") || !concatenates(graph)) return c;
  const placements = movement.module.placementsOf(c);
  return placements.size > 0 ? classify(graph, { orders: c.orders, placements }) : c;
}
