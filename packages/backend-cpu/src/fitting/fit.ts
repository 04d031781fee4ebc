// Makes a graph's program fit into a number of bytes, by computing values again. Loaded when `cpu({ memoryLimit })` asks for it.
import { at, BackendError, type Graph, showAval } from "@stria/core";
import { multiplyAddsOf } from "../insight/multiply-adds.ts";
import type { Pieces } from "../pieces.ts";
import { planMemory } from "../program/encode.ts";
import { lower, type LowerOptions, type Program } from "../program/lower.ts";
import { type ExplainedMemory, memoryUseOf, mostBytes } from "../program/memory-use.ts";
import { prediction } from "../parts/index.ts";
import { reusableInputs } from "../program/reuse.ts";
import { computedAgain } from "./again.ts";
import { plansFor, splitAtPeak } from "./plans.ts";

export { cpu } from "../index.ts";

interface Fitted {
  readonly graph: Graph;
  readonly program: Program;
}

/** What a run of a program takes. */
function* useOf(graph: Graph, { builder, results }: Program): Pieces<ExplainedMemory> {
  const preparation = builder.keepsPreparation
    ? (yield* prediction.wait()).preparationOf(graph, builder, results)
    : undefined;
  const own = new Set([...results, ...(preparation?.kept ?? [])]);
  const workspace = planMemory(builder, own).bytes;
  return memoryUseOf({ graph, builder, workspace, reusable: reusableInputs(builder, results), preparation });
}

function multiplyAdds(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + multiplyAddsOf(graph, node), 0);
}

/** Graphs with the same results that may need less memory, those first that multiply least. */
export function attempts(split: ReturnType<typeof splitAtPeak>): Graph[] {
  const graphs = plansFor(split).map(({ isKept }) => computedAgain(split, isKept));
  const cost = new Map(graphs.map((graph) => [graph, multiplyAdds(graph)]));
  return graphs.toSorted((a, b) => (cost.get(a) ?? 0) - (cost.get(b) ?? 0));
}

/** What a graph is to those who read an error: an op by its name and operands, where it is that alone. */
function subjectOf({ nodes, values }: Graph): string {
  const [node, ...others] = nodes;
  if (!node || others.length > 0) return "a run of this program";
  return `${node.op.name}(${node.inputs.map((value) => showAval(at(values, value))).join(", ")})`;
}

function megabytes(bytes: number): string {
  return `${(Math.ceil(bytes / 1e5) / 10).toFixed(1)} MB`;
}

/**
 * The program of a graph. Where it takes more than the limit, what is made of parameters alone does not stay, and then what is cheapest is computed again until a
 * run takes at most `limit` bytes.
 * @throws BackendError that says the least that a run takes, where that is more.
 */
export function* fit(graph: Graph, options: LowerOptions, limit: number): Pieces<Fitted> {
  const program = yield* lower(graph, options);
  let use = yield* useOf(graph, program);
  if (mostBytes(use) <= limit) return { graph, program };
  const split = splitAtPeak(graph);
  const isKeeping = use.kept > 0;
  for (const changed of [...(isKeeping ? [graph] : []), ...attempts(split)]) {
    yield;
    const again = yield* lower(changed, { ...options, boundary: split.boundary, mayKeep: false });
    const less = yield* useOf(changed, again);
    if (mostBytes(less) <= limit) return { graph: changed, program: again };
    if (mostBytes(less) < mostBytes(use)) use = less;
  }
  const { inputs, constants, workspace, results, takenOver, scratch } = use;
  throw new BackendError(
    "backend-cpu",
    `memoryLimit is ${megabytes(limit)}, and ${subjectOf(graph)} takes at least ${mostBytes(use)} bytes (${megabytes(mostBytes(use))}): inputs ${megabytes(inputs)}, ` +
      `constants ${megabytes(constants)}, between its steps ${megabytes(workspace)}, results ${megabytes(results - takenOver)}, ` +
      `scratch ${megabytes(scratch)}`,
    "use a smaller batch or fewer threads, or a larger memoryLimit",
  );
}
