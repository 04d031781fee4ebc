// What a node of the graph does to a map, in signs and in words; undefined for nodes that make no map of their own.
import { type AttrValue, type Graph, type GraphNode, at } from "@stria/core";
import type { BoxKind } from "./anatomy.ts";

/** How windows slide along one spatial axis. */
export interface Window {
  readonly reach: number;
  readonly stride: number;
  readonly before: number;
}

export interface Operation {
  readonly kind: BoxKind;
  readonly label: string;
  readonly words: string;
  /** Of poolings, whose fields may have to be worked out here: by axis, or all that there is. */
  readonly windows?: readonly Window[] | "all";
}

/** What is known of the values of a graph. */
export interface Values {
  /** Those that depend on the input. */
  readonly live: ReadonlySet<number>;
  /** Those that are made of parameters alone. */
  readonly weights: ReadonlySet<number>;
  /** Those that are made of what the model keeps: parameters and state. */
  readonly kept: ReadonlySet<number>;
}

function numbers(value: AttrValue | undefined): number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "number") : [];
}

/** The first of each pair: what is added before. */
function before(value: AttrValue | undefined): number[] {
  return Array.isArray(value)
    ? value.map((pair: unknown) => (Array.isArray(pair) ? Number(pair[0]) : Number(pair)))
    : [];
}

const same = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

/** 3×3, or 3 along one axis. */
function times(values: readonly number[]): string {
  return values.join("×");
}

function unlessOne(values: readonly number[], text: (shown: string) => string): string {
  if (values.every((value) => value === 1)) return "";
  return text(same(values) ? String(values[0]) : times(values));
}

function convolution(graph: Graph, { inputs, attrs, op }: GraphNode): Operation {
  const kernel = at(graph.values, at(inputs, 1)).shape.slice(2);
  const channels = at(at(graph.values, at(inputs, 0)).shape, 1);
  const [stride, dilation] = [numbers(attrs["stride"]), numbers(attrs["dilation"])];
  const groups = typeof attrs["groups"] === "number" ? attrs["groups"] : 1;
  const isTransposed = op.name === "convTranspose";
  const depthwise = groups > 1 && groups === channels;
  const steps = isTransposed ? (shown: string): string => `, ×${shown}` : (shown: string): string => `, /${shown}`;
  const grouped = groups > 1 && !depthwise;
  return {
    kind: isTransposed ? "transposed" : "conv",
    label: `${times(kernel)} ${depthwise ? "depthwise" : isTransposed ? "up-conv" : "conv"}${unlessOne(stride, steps)}${unlessOne(dilation, (shown) => `, d${shown}`)}${grouped ? `, g${groups}` : ""}`,
    words: `${times(kernel)} ${depthwise ? "depthwise " : ""}${isTransposed ? "transposed " : ""}convolution${unlessOne(stride, (shown) => `, stride ${shown}`)}${unlessOne(dilation, (shown) => `, dilation ${shown}`)}${grouped ? `, ${groups} groups` : ""}`,
  };
}

function pooling(graph: Graph, { inputs, attrs, op }: GraphNode): Operation {
  const [kernel, stride, dilation] = [numbers(attrs["kernel"]), numbers(attrs["stride"]), numbers(attrs["dilation"])];
  const spatial = at(graph.values, at(inputs, 0)).shape.slice(2);
  const what = op.name === "maxPool" ? "max" : "average";
  const padding = before(attrs["padding"]);
  if (kernel.every((length, axis) => length === spatial[axis])) return wholePool(what);
  return {
    kind: "pool",
    label: `${times(kernel)} ${what}${unlessOne(stride, (shown) => `, /${shown}`)}`,
    words: `${times(kernel)} ${what} pooling${unlessOne(stride, (shown) => `, stride ${shown}`)}`,
    windows: kernel.map((length, axis) => ({
      reach: (length - 1) * (dilation[axis] ?? 1),
      stride: stride[axis] ?? 1,
      before: padding[axis] ?? 0,
    })),
  };
}

function wholePool(what: string): Operation {
  return { kind: "pool", label: `global ${what}`, words: `global ${what} pooling`, windows: "all" };
}

function reduction(graph: Graph, { inputs, attrs, op }: GraphNode): Operation | undefined {
  const { length } = at(graph.values, at(inputs, 0)).shape;
  const axes = numbers(attrs["axes"]);
  // Over places: all axes behind the channels.
  if (length < 3 || axes.length === 0 || axes.some((axis) => axis < 2)) return undefined;
  return wholePool(op.name === "max" ? "max" : "average");
}

const resizing: Operation = { kind: "resize", label: "resize", words: "resizing" };

const rules: Readonly<Record<string, (graph: Graph, node: GraphNode, values: Values) => Operation | undefined>> = {
  conv: convolution,
  convTranspose: convolution,
  maxPool: pooling,
  avgPool: pooling,
  sum: reduction,
  max: reduction,
  matmul: (_graph, { inputs }, { live, weights }) => {
    if (inputs.every((value) => live.has(value))) return undefined;
    return inputs.some((value) => weights.has(value))
      ? { kind: "dense", label: "dense", words: "dense layer" }
      : resizing;
  },
  take: (_graph, { inputs }, { live, weights }) =>
    weights.has(at(inputs, 0)) && live.has(at(inputs, 1))
      ? { kind: "embedding", label: "embedding", words: "vectors of words" }
      : undefined,
};

export function operationOf(graph: Graph, node: GraphNode, values: Values): Operation | undefined {
  const rule = Object.hasOwn(rules, node.op.name) ? rules[node.op.name] : undefined;
  return rule?.(graph, node, values);
}

/** Signs for ops in which branches meet. */
export const joinSigns: Readonly<Record<string, readonly [sign: string, words: string]>> = {
  add: ["+", "sum of branches"],
  sub: ["−", "difference of branches"],
  mul: ["×", "product of branches"],
  concat: ["⧺", "branches side by side"],
  maximum: ["max", "the larger of branches"],
  matmul: ["·", "matrix product of branches"],
};

/** Values that depend on the input, and those made of parameters alone. */
export function valuesOf(graph: Graph, input: number): Values {
  const live = new Set([input]);
  const weights = new Set<number>();
  const kept = new Set<number>();
  for (const { value, role } of graph.inputs) {
    if (role === "param") weights.add(value);
    if (role === "param" || role === "state") kept.add(value);
  }
  for (const { inputs, outputs } of graph.nodes) {
    const isLive = inputs.some((value) => live.has(value));
    const sets = isLive ? [live] : [weights, kept].filter((set) => inputs.some((value) => set.has(value)));
    for (const set of sets) for (const output of outputs) set.add(output);
  }
  return { live, weights, kept };
}
