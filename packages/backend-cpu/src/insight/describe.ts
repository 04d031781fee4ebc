// A program in the words of its graph: one entry for each unit of fused nodes, with what it computes, what it moves, and how.
import { at, bytesOf, type Graph, type Shape, showAval, sizeOf } from "@stria/core";
import type { Algorithm, Choice } from "../program/channels-last/algorithms.ts";
import { winograd } from "../parts/index.ts";
import type { Opened } from "../program/executable.ts";
import { type ExplainedMemory, memoryUseOf } from "../program/memory-use.ts";
import type { Order } from "../program/order.ts";
import { type BufferId, kernelsOf, type Step } from "../program/steps.ts";
import { gigabytesOf, type Machine } from "./machine.ts";
import { multiplyAddsOf } from "./multiply-adds.ts";

/** A unit of the program: nodes of the graph that are computed together, in one step or in several that follow one another. */
export interface ExplainedUnit {
  /** Path of the layer, or the line of the program, where the nodes were made; "" where neither is known. */
  readonly layer: string;
  /** Whether it belongs to the gradient of that layer. */
  readonly backward: boolean;
  /** The nodes' ops. "result" where a result is only moved to its place. */
  readonly ops: readonly string[];
  /** What it makes, such as "float32[64, 6, 28, 28]". */
  readonly output: string;
  /** Whether it runs only after the parameters have changed: it works for them alone, and what it makes stays. */
  readonly once: boolean;
  /** How its output lies in memory. */
  readonly order: Order;
  /** The kernels of its steps. */
  readonly algorithm: string;
  /** What computes it, why, and what else could, where it is a convolution over pixels. */
  readonly choice?: Choice;
  /** Positions of its steps in the program. */
  readonly steps: readonly number[];
  /** By the definition of the ops: an algorithm may need fewer. */
  readonly multiplyAdds: number;
  /** Bytes of all buffers that its steps read and write, each step's counted once. */
  readonly bytes: number;
  /** What else could compute it, with the same prediction for each. */
  readonly others: readonly { readonly algorithm: Algorithm; readonly predicted: number }[];
  /** Milliseconds on all threads, if nothing limits it but memory, or multiply-adds and, for Winograd's algorithms, the transforms around them. */
  readonly predicted: number;
}

/** Operations of a cycle at the peak: two multiply-adds of four lanes. */
const operationsPerCycle = 16;

const gradient = "gradient of ";

function siteOf(graph: Graph, nodes: readonly number[]): { layer: string; backward: boolean } {
  const site = nodes.map((node) => at(graph.nodes, node).site).find((found) => found !== undefined) ?? "";
  const layer = site.replaceAll(gradient, "");
  return { layer, backward: layer !== site };
}

function bufferBytes({ program, graph }: Opened, id: BufferId): number {
  const buffer = at(program.builder.buffers, id);
  if (buffer.kind === "local") return buffer.bytes;
  if (buffer.kind === "constant") return buffer.data.byteLength;
  return avalBytes(at(graph.values, at(graph.inputs, buffer.index).value));
}

function avalBytes({
  shape,
  dtype,
}: {
  readonly shape: Shape;
  readonly dtype: Graph["values"][number]["dtype"];
}): number {
  return sizeOf(shape) * bytesOf(dtype);
}

/** The names of a step's kernels: the first words of their keys. */
function kernelName(step: Step): string {
  return kernelsOf([step])
    .map(({ key }) => /^\S+/.exec(key)?.[0] ?? "")
    .join(" + ");
}

/** Equal neighbours told once: "pack, product x 3". */
function runsOf(names: readonly string[]): string {
  const runs: { name: string; count: number }[] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.name === name) last.count++;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${name} x ${count}`)).join(", ");
}

/** The units in the order in which they run. */
export function unitsOf(opened: Opened, machine: Machine): ExplainedUnit[] {
  const { graph, program, pool, repeated } = opened;
  const isOnce = (index: number): boolean => repeated?.preparation.steps.has(index) ?? false;
  // Small steps of several units that are done together may stand between the steps of another.
  const groups = new Map<readonly number[] | number, { nodes: readonly number[]; steps: number[] }>();
  program.builder.steps.forEach(({ nodes }, index) => {
    const key = nodes.length === 0 ? index : nodes;
    const known = groups.get(key);
    if (known) known.steps.push(index);
    else groups.set(key, { nodes, steps: [index] });
  });
  const parts = [...groups.values()].flatMap(({ nodes, steps }) =>
    [true, false]
      .map((once) => ({ nodes, once, steps: steps.filter((index) => isOnce(index) === once), count: steps.length }))
      .filter((part) => part.steps.length > 0),
  );
  return parts.map(({ nodes, once, steps, count }) => {
    const own = steps.map((index) => at(program.builder.steps, index));
    // What is made ready for the others of its unit multiplies nothing itself.
    const isWhole = !once || steps.length === count;
    const multiplyAdds = isWhole
      ? nodes.reduce((sum, node) => sum + multiplyAddsOf(graph, at(graph.nodes, node)), 0)
      : 0;
    const bytes = own.reduce(
      (sum, { reads, writes }) =>
        sum + [...new Set([...reads, ...writes])].reduce((all, id) => all + bufferBytes(opened, id), 0),
      0,
    );
    const last = nodes.at(-1);
    const value = last === undefined ? undefined : at(graph.nodes, last).outputs[0];
    const choice = program.choices.get(nodes);
    const predicted = (algorithm: Algorithm | undefined): number => {
      const isMinimal = algorithm === "winograd-2x2" || algorithm === "winograd-4x4";
      const operations =
        isWhole && isMinimal && choice
          ? winograd.module.cyclesOfWinograd(choice.geometry, choice.pass, algorithm) * operationsPerCycle
          : 2 * multiplyAdds;
      return Math.max(operations / machine.gigaflops, bytes / gigabytesOf(machine, bytes)) / pool.threads / 1e6;
    };
    return {
      ...siteOf(graph, nodes),
      ops: nodes.length === 0 ? ["result"] : nodes.map((node) => at(graph.nodes, node).op.name),
      output: value === undefined ? "" : showAval(at(graph.values, value)),
      order: value === undefined ? "row-major" : program.orderOf(value),
      once,
      ...(choice && { choice }),
      algorithm: runsOf(own.map(kernelName)),
      steps,
      multiplyAdds,
      bytes,
      others: (isWhole ? (choice?.others ?? []) : []).map((algorithm) => ({
        algorithm,
        predicted: predicted(algorithm),
      })),
      predicted: predicted(choice?.algorithm),
    };
  });
}

/** What the program needs of memory. */
export function memoryOf({ graph, program, plan, reusable, repeated }: Opened): ExplainedMemory {
  const { builder } = program;
  const { bytes: workspace } = (repeated ?? { plan }).plan;
  return memoryUseOf({ graph, builder, workspace, reusable, preparation: repeated?.preparation });
}
