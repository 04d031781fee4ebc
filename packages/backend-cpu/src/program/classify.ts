// What each node of a graph is to the compiler: a way to look at memory, a number, an elementwise op, or a kernel of its own.
import { at, type Attrs, type Graph, type GraphNode, sameShape, type Shape, sizeOf } from "@stria/core";
import type { ExpressionOp } from "../loops/expression.ts";
import { orderedView, sameView, type Order } from "./order.ts";
import type { Placement } from "./placement.ts";
import { broadcast, permute, reshape, reverse, slice, wholeView, type View } from "./view.ts";

/** Elementwise ops: the name in the graph is the name in an expression. */
const elementwiseOps: ReadonlySet<string> = new Set<ExpressionOp>([
  "neg",
  "abs",
  "sign",
  "exp",
  "log",
  "sqrt",
  "sin",
  "cos",
  "tanh",
  "erf",
  "floor",
  "sigmoid",
  "relu",
  "log1p",
  "expm1",
  "round",
  "logicalNot",
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "maximum",
  "minimum",
  "equal",
  "less",
  "lessEqual",
  "logicalAnd",
  "where",
  "cast",
]);

export function isExpressionOp(name: string): name is ExpressionOp {
  return elementwiseOps.has(name);
}

/** Ops that only change how memory is looked at. */
export const viewOps: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcastTo", "slice", "flip"]);

/** Elementwise ops that cost next to nothing beside the memory they touch: they may be computed twice. */
export const cheapOps: ReadonlySet<string> = new Set([
  "neg",
  "abs",
  "add",
  "sub",
  "mul",
  "maximum",
  "minimum",
  "equal",
  "less",
  "lessEqual",
  "logicalAnd",
  "logicalNot",
  "where",
  "cast",
  "relu",
]);

export const reductionOps: ReadonlySet<string> = new Set(["sum", "prod", "max"]);

/** A value as a view of another value's memory, or a number that is the same everywhere. */
export interface Source {
  readonly root: number;
  readonly view: View;
  /** Where the root is a `full`. */
  readonly literal?: number;
}

export type NodeKind = "view" | "literal" | "map" | "copy" | "reduce" | "kernel";

export interface Classified {
  readonly graph: Graph;
  readonly kinds: readonly NodeKind[];
  /** For each value. */
  readonly sources: readonly Source[];
  /** The node that makes a value; -1 for inputs and constants. */
  readonly producers: readonly number[];
  /** For each value, how it lies where it has memory of its own. */
  readonly orders: readonly Order[];
  /** The roots that lie in another one's memory. */
  readonly placements: ReadonlyMap<number, Placement>;
}

/** How values lie that have memory of their own, where something is said of them. */
export interface MemoryPlan {
  readonly orders: readonly Order[];
  readonly placements: ReadonlyMap<number, Placement>;
}

/** The root whose memory a root lies in: its own, where nothing else is said. */
export function hostOf({ placements }: Pick<Classified, "placements">, root: number): number {
  let host = root;
  for (let next = placements.get(host); next; next = placements.get(host)) ({ host } = next);
  return host;
}

/** A root as it lies in its memory. */
export function rootView(c: Pick<Classified, "graph" | "orders" | "placements">, root: number): View {
  const { shape } = at(c.graph.values, root);
  const placement = c.placements.get(root);
  if (!placement) return orderedView(shape, at(c.orders, root));
  const start = shape.map((_, axis) => (axis === 1 ? placement.channel : 0));
  return slice(
    rootView(c, placement.host),
    start,
    shape,
    shape.map(() => 1),
  );
}

/** Whether a value is its root as it lies, and no part of it or another shape. */
export function isItself(c: Classified, value: number): boolean {
  const { root, view } = at(c.sources, value);
  return sameShape(view.shape, at(c.graph.values, root).shape) && sameView(view, rootView(c, root));
}

export function numbers(attrs: Attrs, name: string): readonly number[] {
  const value = attrs[name];
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value;
  throw new TypeError(`attribute ${name} is no list of numbers`);
}

export function pairs(attrs: Attrs, name: string): readonly (readonly [number, number])[] {
  const value = attrs[name];
  const isPair = (item: unknown): item is readonly [number, number] => Array.isArray(item) && item.length === 2;
  if (Array.isArray(value) && value.every(isPair)) return value;
  throw new TypeError(`attribute ${name} is no list of pairs`);
}

export function numberOf(attrs: Attrs, name: string): number {
  const value = attrs[name];
  if (typeof value === "number") return value;
  throw new TypeError(`attribute ${name} is no number`);
}

export function flag(attrs: Attrs, name: string): boolean {
  return attrs[name] === true;
}

function viewOf(node: GraphNode, view: View, shape: Shape): View | undefined {
  switch (node.op.name) {
    case "reshape":
      return reshape(view, shape);
    case "transpose":
      return permute(view, numbers(node.attrs, "permutation"));
    case "broadcastTo":
      return broadcast(view, shape);
    case "slice":
      return slice(view, numbers(node.attrs, "start"), shape, numbers(node.attrs, "stride"));
    default:
      return reverse(view, numbers(node.attrs, "axes"));
  }
}

function kindOf(node: GraphNode): NodeKind {
  const { name } = node.op;
  if (viewOps.has(name)) return "view";
  if (name === "full") return "literal";
  if (elementwiseOps.has(name)) return "map";
  return reductionOps.has(name) ? "reduce" : "kernel";
}

/** `plan` says how values lie that have memory of their own; row-major and by themselves where nothing is said. */
export function classify(graph: Graph, plan?: Partial<MemoryPlan>): Classified {
  const orders = graph.values.map((_, value): Order => plan?.orders?.[value] ?? "row-major");
  const placements = plan?.placements ?? new Map<number, Placement>();
  const sources: Source[] = graph.values.map((_, root) => ({
    root,
    view: rootView({ graph, orders, placements }, root),
  }));
  const producers = graph.values.map(() => -1);
  const kinds = graph.nodes.map((node, index): NodeKind => {
    for (const output of node.outputs) producers[output] = index;
    const kind = kindOf(node);
    const output = at(node.outputs, 0);
    const { shape } = at(graph.values, output);
    if (kind === "literal")
      sources[output] = { root: output, view: broadcast(wholeView([]), shape), literal: literalOf(node) };
    if (kind !== "view") return kind;
    const source = at(sources, at(node.inputs, 0));
    const view = viewOf(node, source.view, shape);
    // What strides cannot say is copied, and is memory of its own from there on.
    if (!view) return "copy";
    sources[output] = { ...source, view };
    return "view";
  });
  return { graph, kinds, sources, producers, orders, placements };
}

function literalOf(node: GraphNode): number {
  const value = node.attrs["value"];
  if (typeof value === "boolean") return value ? 1 : 0;
  return numberOf(node.attrs, "value");
}

/** Whether computing this node once more costs less than reading its result from memory. */
export function isCheap(graph: Graph, node: GraphNode): boolean {
  if (!cheapOps.has(node.op.name)) return false;
  const size = sizeOf(at(graph.values, at(node.outputs, 0)).shape);
  return node.inputs.filter((input) => sizeOf(at(graph.values, input).shape) === size).length <= 1;
}
