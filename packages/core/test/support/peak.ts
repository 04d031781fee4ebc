// The most bytes that are live at once while a graph runs in its order, inputs and constants aside.
import { type Graph, at, byteSize } from "../../src/index.ts";
import { liveness } from "../../src/backends.ts";

export function peakBytes(graph: Graph): number {
  const { deadAfter } = liveness(graph);
  const sources = new Set([...graph.inputs, ...graph.constants].map(({ value }) => value));
  const size = (value: number): number => (sources.has(value) ? 0 : byteSize(at(graph.values, value)));
  let live = 0;
  let peak = 0;
  for (const [index, node] of graph.nodes.entries()) {
    for (const value of node.outputs) live += size(value);
    peak = Math.max(peak, live);
    for (const value of at(deadAfter, index)) live -= size(value);
  }
  return peak;
}
