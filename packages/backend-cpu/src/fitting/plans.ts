// Ways to need less memory: which values are kept over the moment at which a graph holds most, while all others are
// computed again behind it.
import { at, bytesOf, type Graph, resultValues, sizeOf } from "@stria/core";
import { liveness } from "@stria/core/backends";
import { isExpressionOp, viewOps } from "../program/classify.ts";
import { producersOf, type Split } from "./again.ts";

export interface Plan {
  readonly isKept: (value: number) => boolean;
}

/** Ops that multiply much for what they write, or take long otherwise: what they make is dear. */
const dear: ReadonlySet<string> = new Set(["conv", "convTranspose", "convWeightGradient", "matmul", "argSort"]);

/** Values that are so small a part of the whole are kept: nothing is gained by computing them again. */
const smallPart = 1 / 512;

/** Parts into which everything before the boundary is divided. */
const divisions = [2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32];

function bytesIn(graph: Graph, value: number): number {
  const { shape, dtype } = at(graph.values, value);
  return sizeOf(shape) * bytesOf(dtype);
}

/** The node after which a graph holds most, and what it holds then; views count nothing. */
export function splitAtPeak(graph: Graph): Split & { readonly bytes: number } {
  const producers = producersOf(graph);
  const held = (value: number): number => {
    const producer = at(producers, value);
    return producer < 0 || viewOps.has(at(graph.nodes, producer).op.name) ? 0 : bytesIn(graph, value);
  };
  const { deadAfter } = liveness(graph);
  let [now, most, boundary] = [0, 0, 0];
  graph.nodes.forEach(({ outputs }, index) => {
    for (const output of outputs) now += held(output);
    if (now >= most) [most, boundary] = [now, index];
    for (const value of at(deadAfter, index)) now -= held(value);
  });
  return { graph, boundary, bytes: most };
}

/** The ways for a graph: elementwise values are not kept, nothing is that multiplies little, or only what passes from one part of the graph to the next. */
export function plansFor({ graph, boundary, bytes }: ReturnType<typeof splitAtPeak>): Plan[] {
  const producers = producersOf(graph);
  const results = new Set(resultValues(graph));
  const opOf = (value: number): string => at(graph.nodes, at(producers, value)).op.name;
  const isSmall = (value: number): boolean => bytesIn(graph, value) <= bytes * smallPart;
  const isElementwise = (value: number): boolean => isExpressionOp(opOf(value)) || viewOps.has(opOf(value));
  const isDear = (value: number): boolean => dear.has(opOf(value));

  /** Bytes that are read behind the boundary, of all values up to each node; and the last node up to the boundary that reads a value. */
  const lastReader = graph.values.map(() => -1);
  const crosses = graph.values.map(() => false);
  graph.nodes.forEach(({ inputs }, index) => {
    for (const input of inputs)
      if (index <= boundary) lastReader[input] = index;
      else crosses[input] = true;
  });
  const sums: number[] = [];
  graph.nodes.slice(0, boundary + 1).forEach(({ outputs }, index) => {
    const own = outputs.reduce((sum, value) => sum + (at(crosses, value) ? bytesIn(graph, value) : 0), 0);
    sums.push((sums[index - 1] ?? 0) + own);
  });
  /** Bytes that nodes up to the boundary still read from before each of them. */
  const passing = Array<number>(boundary + 2).fill(0);
  graph.values.forEach((_, value) => {
    const producer = at(producers, value);
    if (producer < 0) return;
    for (let index = producer; index < at(lastReader, value); index++)
      passing[index] = at(passing, index) + bytesIn(graph, value);
  });

  const cutAt = (part: number, width: number): number => {
    const all = sums.at(-1) ?? 0;
    let best = -1;
    sums.forEach((sum, index) => {
      if (Math.abs(sum / all - part) > width) return;
      if (best < 0 || at(passing, index) < at(passing, best)) best = index;
    });
    return best;
  };
  const divided = (parts: number): Plan => {
    const cuts = Array.from({ length: parts - 1 }, (_, part) => cutAt((part + 1) / parts, 0.4 / parts)).filter(
      (cut) => cut >= 0,
    );
    const last = Math.max(-1, ...cuts);
    const isPassing = (value: number): boolean =>
      cuts.some((cut) => at(producers, value) <= cut && at(lastReader, value) > cut);
    return {
      isKept: (value) =>
        results.has(value) ||
        isSmall(value) ||
        (!viewOps.has(opOf(value)) && isPassing(value)) ||
        (at(producers, value) > last && isDear(value)),
    };
  };
  return [
    { isKept: (value) => isSmall(value) || !isElementwise(value) },
    { isKept: (value) => isSmall(value) || isDear(value) },
    ...divisions.filter((parts) => parts <= boundary).map(divided),
  ];
}
