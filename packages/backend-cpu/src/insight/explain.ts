// explain(compiled, args): the program that a graph has become, for people.
import { at, type Shape } from "@stria/core";
import type { ExplainedUnit } from "./describe.ts";
import { memoryOf, unitsOf } from "./describe.ts";
import { type ExplainedMemory, mostBytes } from "../program/memory-use.ts";
import type { Opened } from "../program/executable.ts";
import { kernelsOf } from "../program/steps.ts";
import { type InsightOptions, programOf, type Traced } from "./compiled-program.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { short, shortBytes, shortOps, table } from "./text.ts";

/** A program: what runs, in order, and what it needs. Printed, it is a table. */
export interface Explanation {
  readonly units: readonly ExplainedUnit[];
  /** Kernel calls, and different kernels among them. */
  readonly steps: number;
  readonly kernels: number;
  readonly threads: number;
  readonly memory: ExplainedMemory;
  /** Images that are turned from one memory order to the other: what makes them, shape, and the order that a reader wanted. */
  readonly turned: readonly { readonly from: string; readonly shape: Shape; readonly to: string }[];
  /** What the predictions are made from. */
  readonly machine: Machine;
  /** A table for a terminal. */
  toString(): string;
}

/** The line about memory. */
export function memoryLine(memory: ExplainedMemory): string {
  const { inputs, constants, workspace, results, takenOver, kept, scratch } = memory;
  return (
    `memory: inputs ${shortBytes(inputs)}, constants ${shortBytes(constants)}, workspace ${shortBytes(workspace)}, ` +
    `results ${shortBytes(results)}${takenOver > 0 ? ` (${shortBytes(takenOver)} of them where inputs were)` : ""}, ` +
    `${kept > 0 ? `kept for the next run ${shortBytes(kept)}, ` : ""}scratch ${shortBytes(scratch)}; ` +
    `at most ${shortBytes(mostBytes(memory))} together`
  );
}

/** The algorithm that was chosen, and the kernels that it is made of. */
export function algorithmCell({
  choice,
  algorithm,
  once,
}: Pick<ExplainedUnit, "choice" | "algorithm" | "once">): string {
  const why = choice && choice.by !== "rule" ? ` (${choice.by === "force" ? "forced" : "measured"})` : "";
  return `${choice ? `${choice.algorithm}${why}: ` : ""}${algorithm}${once ? " (once)" : ""}`;
}

/** What else could compute a unit, and its predicted milliseconds. */
function othersCell({ others }: Pick<ExplainedUnit, "others">): string {
  return others.map(({ algorithm, predicted }) => `${algorithm} ${predicted.toFixed(3)}`).join(", ");
}

/** What a unit makes, and where it lies otherwise than row-major. */
export function outputCell({ output, order }: Pick<ExplainedUnit, "output" | "order">): string {
  return order === "channels-last" ? `${output} last` : output;
}

/** Layer and direction in one cell. */
export function layerCell({ layer, backward }: Pick<ExplainedUnit, "layer" | "backward">): string {
  return backward ? `${layer} (gradient)` : layer;
}

/** The values that are read in another memory order than they have. */
function turnedIn({ graph, program }: Opened): Explanation["turned"] {
  return program.turned.map(({ value, to }) => {
    const producer = graph.nodes.find(({ outputs }) => outputs.includes(value));
    const input = graph.inputs.find((given) => given.value === value);
    return { from: producer?.op.name ?? input?.name ?? "constant", shape: at(graph.values, value).shape, to };
  });
}

function turnedLine(turned: Explanation["turned"]): string {
  const list = turned.map(({ from, shape, to }) => `${from} ${shape.join("x")} to ${to}`);
  return `turned: ${list.length === 0 ? "nothing" : list.join(", ")}`;
}

function show({ units, steps, kernels, threads, memory, turned, machine }: Omit<Explanation, "toString">): string {
  const rows = units.map((unit, index) => [
    String(index),
    layerCell(unit),
    shortOps(unit.ops),
    outputCell(unit),
    algorithmCell(unit),
    unit.multiplyAdds === 0 ? "" : short(unit.multiplyAdds),
    shortBytes(unit.bytes),
    unit.predicted.toFixed(3),
    othersCell(unit),
  ]);
  const header = ["", "layer", "ops", "output", "algorithm", "multiply-adds", "moved", "predicted ms", "instead"];
  const predicted = units.reduce((sum, unit) => sum + (unit.once ? 0 : unit.predicted), 0);
  return [
    `${units.length} units, ${steps} steps, ${kernels} kernels, ${threads} ${threads === 1 ? "thread" : "threads"}; predicted ${predicted.toFixed(2)} ms ` +
      `at ${machine.gigaflops.toFixed(0)} GFLOP/s and ${machine.gigabytes.toFixed(0)} GB/s a core, ${machine.memoryGigabytes.toFixed(0)} GB/s of what no cache holds`,
    memoryLine(memory),
    turnedLine(turned),
    table([header, ...rows], new Set([0, 5, 6, 7])),
  ].join("\n");
}

/**
 * The program that the CPU backend makes of a compiled function or a training step for these arguments: units of fused nodes in the order in which they
 * run, with their layer, kernels, multiply-adds, bytes, predicted milliseconds (those marked "once" run after the parameters have changed) and the algorithms that could
 * compute them instead, and the memory that a run takes. Nothing is run; print it, or read
 * its fields. Some tens of milliseconds of measuring are part of the first call.
 * @throws BackendError when the backend in use is not the CPU's.
 * @example console.log(String(await explain(step, [batch])));
 */
export async function explain<Args extends readonly unknown[]>(
  traced: Traced<Args>,
  args: Args,
  options: InsightOptions = {},
): Promise<Explanation> {
  const executable = await programOf("explain", traced.graph(...args), options);
  try {
    const opened = executable.open();
    const machine = thisMachine();
    const { steps } = opened.program.builder;
    const found = {
      units: unitsOf(opened, machine),
      steps: steps.length,
      kernels: new Set(kernelsOf(steps).map(({ key }) => key)).size,
      threads: opened.pool.threads,
      memory: memoryOf(opened),
      turned: turnedIn(opened),
      machine,
    };
    return { ...found, toString: () => show(found) };
  } finally {
    executable.dispose();
  }
}
