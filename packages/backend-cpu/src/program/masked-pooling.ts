// The gradient of a rectifier before max pooling, taken before that is spread: where the largest of a window is above 0, so is what won. The mask is then
// that of the pooled values, which are a quarter as many, and no pass over the rectified ones is left.
import { apply, at, type Graph, type GraphNode, less, rewrite, type Tensor, where } from "@stria/core";

/** A mask over the spread gradient of a pooling, as the graph has it. */
interface Masked {
  readonly spread: GraphNode;
  readonly pool: GraphNode;
}

/** The nodes `where(less(0, x), maxPoolGradient(dy, winners), 0)` whose winners are those of the pooling of `x`, and whose pooling's gradient nobody else reads. */
function maskedPoolings(graph: Graph): Map<GraphNode, Masked> {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  const uses = new Map<number, number>();
  for (const value of [
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ value: output }) => output),
    ...graph.writebacks.map(({ from }) => from),
  ])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  const isZero = (value: number): boolean => {
    const node = makers.get(value);
    return node?.op.name === "full" && node.attrs["value"] === 0;
  };
  const found = new Map<GraphNode, Masked>();
  for (const node of graph.nodes) {
    if (node.op.name !== "where") continue;
    const [mask, spread] = node.inputs.map((value) => makers.get(value));
    if (mask?.op.name !== "less" || spread?.op.name !== "maxPoolGradient") continue;
    const winners = at(spread.inputs, 1);
    const pool = makers.get(winners);
    if (pool?.op.name !== "maxPool" || at(pool.outputs, 1) !== winners) continue;
    const isMaskOfPooled = isZero(at(mask.inputs, 0)) && at(mask.inputs, 1) === at(pool.inputs, 0);
    const isOnlyUse = uses.get(at(spread.outputs, 0)) === 1;
    if (isMaskOfPooled && isZero(at(node.inputs, 2)) && isOnlyUse) found.set(node, { spread, pool });
  }
  return found;
}

/** The graph with such masks before the poolings' gradients; the same numbers. */
export function maskedPooling(graph: Graph): Graph {
  const masked = maskedPoolings(graph);
  if (masked.size === 0) return graph;
  const spreads = new Map([...masked.values()].map(({ spread, pool }) => [spread, pool] as const));
  const pools = new Set(spreads.values());
  const pooled = new Map<GraphNode, Tensor>();
  return rewrite(graph, (node, inputs) => {
    if (masked.has(node)) return [at(inputs, 1)];
    if (pools.has(node)) {
      const made = apply(node.op, inputs, node.attrs);
      pooled.set(node, at(made, 0));
      return made;
    }
    const pool = spreads.get(node);
    const values = pool && pooled.get(pool);
    if (!values) return null;
    return apply(node.op, [where(less(0, values), at(inputs, 0), 0), at(inputs, 1)], node.attrs);
  }).graph;
}
