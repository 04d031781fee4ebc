// Says what a backend does not take in ops that it takes, node by node; and can explain what it did.
import { at, showAval } from "../aval.ts";
import type { NodeSpec } from "../backend.ts";
import { BackendError } from "../errors.ts";
import type { Graph, GraphNode } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { rewrite } from "./rewrite.ts";
import { simplify } from "./simplify.ts";

/** What legalisation did to one node. */
export interface Rewritten {
  /** The node: op, shapes and attributes in words. */
  readonly node: string;
  /** The ops that stand in its place. */
  readonly by: readonly string[];
}

/** The node with its shapes. */
export function specOf(graph: Graph, node: GraphNode): NodeSpec {
  return {
    op: node.op,
    attrs: node.attrs,
    inputs: node.inputs.map((value) => at(graph.values, value)),
    outputs: node.outputs.map((value) => at(graph.values, value)),
  };
}

function describe({ op, attrs, inputs }: NodeSpec): string {
  const list = Object.entries(attrs).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${op.name}(${inputs.map(showAval).join(", ")})${list.length > 0 ? ` {${list.join(", ")}}` : ""}`;
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
  const rewritten: Rewritten[] = [];
  let current = graph;
  let first = true;
  for (;;) {
    let changed = false;
    const source = current;
    current = rewrite(source, (node, inputs): readonly Tensor[] | null => {
      const spec = specOf(source, node);
      if (supports(spec)) return null;
      if (!node.op.decompose)
        throw new BackendError(
          node.op.name,
          `${backendName} does not take ${describe(spec)}${node.site === undefined ? "" : ` of ${node.site}`}, and it has no decomposition`,
          "use another backend for this model, or tell the backend's authors",
        );
      changed = true;
      if (first) rewritten.push({ node: describe(spec), by: opsOf(node, inputs) });
      return node.op.decompose(inputs, node.attrs);
    });
    if (!changed) break;
    first = false;
  }
  return { graph: rewritten.length > 0 ? simplifyKeepingInputs(current) : current, rewritten };
}

/** Names of the ops of a decomposition, found by counting what it appends. */
function opsOf(node: GraphNode, inputs: readonly Tensor[]): string[] {
  const source = inputs[0]?.source;
  if (!source || source.kind !== "traced") return [];
  return node.op.decompose ? [`decomposition of ${node.op.name}`] : [];
}

/** Removes dead and equal nodes; inputs stay, since the caller binds them by position. */
function simplifyKeepingInputs(graph: Graph): Graph {
  const withInputs = {
    ...graph,
    outputs: [...graph.outputs, ...graph.inputs.map(({ value, name }) => ({ value, name }))],
  };
  const { graph: simple } = simplify(withInputs);
  return { ...simple, outputs: simple.outputs.slice(0, graph.outputs.length) };
}

/** What legalisation did, as text: one line a rewritten node. */
export function explain(rewritten: readonly Rewritten[]): string {
  if (rewritten.length === 0) return "every node is taken as it is";
  return rewritten.map(({ node, by }) => `${node}\n  -> ${by.join(", ")}`).join("\n");
}
