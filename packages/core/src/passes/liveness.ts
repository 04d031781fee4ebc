// When values die: after which node nothing reads a value any more.
import { type Graph, resultValues } from "../graph/graph.ts";

/** For each node the values that may be freed after it, and the values that nothing ever reads (unused inputs). Results never die. */
export function liveness(graph: Graph): { deadAfter: number[][]; unread: number[] } {
  const kept = new Set(resultValues(graph));
  const seen = new Set<number>();
  const deadAfter: number[][] = graph.nodes.map(() => []);
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index];
    if (!node) continue;
    for (const value of new Set([...node.inputs, ...node.outputs])) {
      if (kept.has(value) || seen.has(value)) continue;
      seen.add(value);
      deadAfter[index]?.push(value);
    }
  }
  const sources = [...graph.inputs, ...graph.constants].map(({ value }) => value);
  return { deadAfter, unread: sources.filter((value) => !seen.has(value) && !kept.has(value)) };
}
