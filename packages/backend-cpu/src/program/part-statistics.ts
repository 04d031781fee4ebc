// Batch normalisation over concatenated channels takes the statistics of each part once: in a DenseNet every layer normalises all channels before it, so
// that most of its statistics are known from the layers before.
import {
  add,
  apply,
  at,
  concat,
  div,
  full,
  type Graph,
  type GraphNode,
  mul,
  reshape,
  rewrite,
  sqrt,
  sub,
  type Tensor,
} from "@stria/core";
import { numberOf } from "./classify.ts";

const channelAxis = 1;

/** Statistics [C] of the channels of a value. */
interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

function isConcatenation({ op, attrs }: GraphNode): boolean {
  return op.name === "concat" && attrs["axis"] === channelAxis;
}

function isNormalisation({ op }: GraphNode): boolean {
  return op.name === "batchNormTraining";
}

/** The normalisations at least half of whose channels belong to parts that others normalise too. */
function normalisationsOfParts(graph: Graph): ReadonlySet<GraphNode> {
  const makers = new Map(
    graph.nodes.filter(isConcatenation).map((node) => [at(node.outputs, 0), node.inputs] as const),
  );
  const leaves = new Map<number, ReadonlySet<number>>();
  const leavesOf = (value: number): ReadonlySet<number> => {
    let known = leaves.get(value);
    if (!known) {
      const parts = makers.get(value);
      known = new Set(parts ? parts.flatMap((part) => [...leavesOf(part)]) : [value]);
      leaves.set(value, known);
    }
    return known;
  };
  const uses = new Map<number, number>();
  const normalisations = graph.nodes.filter(isNormalisation);
  for (const node of normalisations)
    for (const leaf of leavesOf(at(node.inputs, 0))) uses.set(leaf, (uses.get(leaf) ?? 0) + 1);
  const channels = (list: readonly number[]): number =>
    list.reduce((sum, value) => sum + at(at(graph.values, value).shape, channelAxis), 0);
  return new Set(
    normalisations.filter((node) => {
      const parts = [...leavesOf(at(node.inputs, 0))];
      const shared = parts.filter((part) => (uses.get(part) ?? 0) > 1);
      return makers.has(at(node.inputs, 0)) && channels(shared) * 2 >= channels(parts);
    }),
  );
}

/** The statistics of each channel of a value. */
function statisticsOf({ op, attrs }: GraphNode, x: Tensor): Statistics {
  const channels = [at(x.shape, channelAxis)];
  // What is normalised so is used by nobody, and goes.
  const outputs = apply(op, [x, full(channels, 1, x.dtype), full(channels, 0, x.dtype)], attrs);
  return { mean: at(outputs, 1), variance: at(outputs, 2) };
}

/** The graph with the statistics of concatenated values put together from those of their parts, where that saves work. */
export function partStatistics(graph: Graph): Graph {
  const wanted = normalisationsOfParts(graph);
  if (wanted.size === 0) return graph;
  const parts = new Map<Tensor, readonly Tensor[]>();
  const known = new Map<Tensor, Statistics>();
  const joined = (node: GraphNode, x: Tensor): Statistics => {
    const before = known.get(x);
    if (before) return before;
    const list = parts.get(x)?.map((part) => joined(node, part));
    const join = (key: keyof Statistics): Tensor => concat(list?.map((part) => part[key]) ?? [], 0);
    const made = list ? { mean: join("mean"), variance: join("variance") } : statisticsOf(node, x);
    known.set(x, made);
    return made;
  };
  return rewrite(graph, (node, inputs) => {
    if (isConcatenation(node)) {
      const whole = concat(inputs, channelAxis);
      parts.set(whole, inputs);
      return [whole];
    }
    if (!wanted.has(node)) return null;
    const [x, weight, bias] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const epsilon = numberOf(node.attrs, "epsilon");
    const { mean, variance } = joined(node, x);
    const perChannel = (value: Tensor): Tensor => reshape(value, [-1, ...x.shape.slice(2).map(() => 1)]);
    const factor = div(weight, sqrt(add(variance, epsilon)));
    return [add(mul(sub(x, perChannel(mean)), perChannel(factor)), perChannel(bias)), mean, variance];
  }).graph;
}
