// Says what a backend does not take in ops that it takes, node by node; and records what it did.
import { at, sizeOf } from "../tensor/aval.ts";
import type { NodeSpec } from "../backend.ts";
import { BackendError } from "../errors.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import { full } from "../ops/full.ts";
import { decomposed } from "./decompositions.ts";
import { showNode } from "../graph/print.ts";
import { specOf } from "../graph/spec-of.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { rewrite } from "./rewrite.ts";
import { simplify } from "./simplify.ts";

/** What legalisation did to one node. */
export interface Rewritten {
  /** The node: op, shapes and attributes in words. */
  readonly node: string;
  /** The layer path or other place where the node was made. */
  readonly site: string | undefined;
  /** The ops that stand in its place, and how many of each. Empty where nodes that are there anyway do. */
  readonly by: readonly { readonly op: string; readonly count: number }[];
}

/**
 * The graph in nodes that `supports` takes. Decompositions are legalised in turn.
 * @throws BackendError naming a node that is neither taken nor can be decomposed.
 */
export function legalise(
  graph: Graph,
  supports: (node: NodeSpec) => boolean,
  backendName = "the backend",
): { graph: Graph; rewritten: Rewritten[] } {
  let current = graph;
  // For each node of `current` the position in `graph` of the node that it stands for.
  let origins: readonly number[] = [...graph.nodes.keys()];
  const replaced = new Set<number>();
  for (;;) {
    const [source, before] = [current, origins];
    const foreign = new Set<GraphNode>();
    for (const node of source.nodes) if (!supports(specOf(source, node))) foreign.add(node);
    if (foreign.size === 0) break;
    const step = rewrite(source, (node, inputs, index) => {
      if (!foreign.has(node)) return null;
      replaced.add(at(before, index));
      return inOtherOps(node, specOf(source, node), inputs, backendName);
    });
    current = step.graph;
    origins = step.origins.map((index) => at(before, index));
  }
  if (replaced.size === 0) return { graph, rewritten: [] };
  const simple = simplify(current, { keepInputs: true });
  const names = simple.nodes.map((index, place) => ({
    origin: at(origins, index),
    op: at(simple.graph.nodes, place).op.name,
  }));
  const rewritten = [...replaced]
    .toSorted((a, b) => a - b)
    .map((origin): Rewritten => {
      const node = at(graph.nodes, origin);
      return {
        node: showNode(specOf(graph, node)),
        site: node.site,
        by: counted(names.filter((name) => name.origin === origin).map(({ op }) => op)),
      };
    });
  return { graph: simple.graph, rewritten };
}

/** The outputs of a node, by its decomposition. Nothing can be computed of nothing, whatever the decomposition thinks of empty axes. */
function inOtherOps(
  node: GraphNode,
  spec: NodeSpec,
  inputs: readonly Tensor[],
  backendName: string,
): readonly Tensor[] {
  const isFull = node.op.name === "full";
  if (!isFull && spec.outputs.every(({ shape }) => sizeOf(shape) === 0))
    return spec.outputs.map(({ shape, dtype }) => full(shape, 0, dtype));
  const outputs = decomposed(node.op, inputs, node.attrs);
  if (outputs) return outputs;
  throw new BackendError(
    node.op.name,
    `${backendName} does not take ${showNode(spec)}${node.site === undefined ? "" : ` of ${node.site}`}, and it has no decomposition`,
    "use another backend for this model, or tell the backend's authors",
  );
}

function counted(names: readonly string[]): Rewritten["by"] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([op, count]) => ({ op, count })).toSorted((a, b) => (a.op < b.op ? -1 : 1));
}
