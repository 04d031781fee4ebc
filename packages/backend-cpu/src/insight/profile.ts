// profile(compiled, args): where the time of a program goes, by unit and by layer.
import { at, AttributeError, defaultBackend, type DeviceBuffer } from "@stria/core";
import type { Block } from "../memory/buffer.ts";
import type { ExplainedMemory } from "../program/memory-use.ts";
import type { CpuExecutable, Opened } from "../program/executable.ts";
import { type Clock, clockOf } from "./clocks.ts";
import { type InsightOptions, programOf, type Traced } from "./compiled-program.ts";
import { type ExplainedUnit, memoryOf, unitsOf } from "./describe.ts";
import { algorithmCell, layerCell, memoryLine, outputCell } from "./explain.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { madeInputs } from "./made-inputs.ts";
import { type Places, StepRunner } from "./step-runner.ts";
import { short, shortBytes, shortOps, table } from "./text.ts";
import { traceOf } from "./trace-events.ts";

export interface ProfileOptions extends InsightOptions {
  /** Runs of the program, after some that are not counted; medians are told. Default 5. */
  readonly runs?: number;
  /** Default "wall". */
  readonly clock?: Clock;
}

export interface ProfiledUnit extends ExplainedUnit {
  /** Median of the runs. */
  readonly milliseconds: number;
  /** Of the multiply-adds, two operations each; 0 where there are none. */
  readonly gigaflops: number;
  /** Of what all threads could do on registers alone: 1 is the peak, and an algorithm that needs fewer multiply-adds may pass it. */
  readonly share: number;
}

export interface ProfiledLayer {
  readonly layer: string;
  readonly forward: number;
  readonly backward: number;
  readonly milliseconds: number;
  readonly multiplyAdds: number;
  readonly share: number;
}

/** Where the time goes. Printed, it is two tables: the units that took longest, and the layers. */
export interface Profile {
  /** In the order in which they run. */
  readonly units: readonly ProfiledUnit[];
  /** In the order in which they are first run. */
  readonly layers: readonly ProfiledLayer[];
  /** Sum of the units, those that run once left out. A run without a clock between the steps takes less. */
  readonly milliseconds: number;
  /** Sum of the units that run only after the parameters have changed. */
  readonly onceMilliseconds: number;
  readonly threads: number;
  readonly memory: ExplainedMemory;
  readonly machine: Machine;
  /** The text of a trace file, for chrome://tracing, ui.perfetto.dev or speedscope. */
  trace(): string;
  /** Tables for a terminal. */
  toString(): string;
}

/**
 * Engines start with simple code and put better code in place while it runs, between turns of the event loop: nothing is counted before so many
 * milliseconds, and before some runs in a row have brought nothing.
 */
const [leastWarmUpTime, longestWarmUpTime] = [200, 3000];
const mostWarmUps = 60;
const idleWarmUps = 2;
/** A run that takes no more than this share of the shortest has brought something. */
const gain = 0.97;

/** Units that are printed. */
const shownUnits = 40;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Lays a program out as a run does, results that can take an input's memory included. */
function layOut(opened: Opened, inputs: readonly Block[]): { places: Places; free: () => void } {
  const { program, plan, reusable, store } = opened;
  const { builder, results } = program;
  const workspace = store.make(plan.bytes);
  const made: Block[] = [workspace];
  const kept = (block: Block): Block => {
    made.push(block);
    return block;
  };
  const wanted = new Set(results);
  const blocks: Block[] = [];
  const addresses = builder.buffers.map((buffer, id) => {
    if (buffer.kind === "local" && !wanted.has(id)) return workspace.address + at(plan.offsets, id);
    const reused = reusable.get(id);
    const block =
      buffer.kind === "input"
        ? at(inputs, buffer.index)
        : buffer.kind === "constant"
          ? kept(store.filled(buffer.data))
          : reused === undefined
            ? kept(store.make(buffer.bytes))
            : at(inputs, reused);
    blocks.push(block);
    return block.address;
  });
  return {
    places: {
      addresses,
      end: Math.max(...[workspace, ...blocks].map((block) => block.end)),
      needs: blocks.flatMap(({ filledBy }) => (filledBy > 0 ? [filledBy] : [])),
    },
    free: () => {
      for (const block of made) block.release();
    },
  };
}

/** The median milliseconds of each step. */
async function timesOf(
  executable: CpuExecutable,
  inputs: readonly DeviceBuffer[],
  runs: number,
  now: () => number,
): Promise<number[]> {
  const opened = executable.open();
  const { steps } = opened.program.builder;
  const { places, free } = layOut(
    opened,
    inputs.map((input) => opened.store.of(input).block),
  );
  try {
    const runner = new StepRunner(opened, places, now);
    const times = steps.map((): number[] => []);
    const start = performance.now();
    let shortest = Infinity;
    for (let [run, idle] = [0, 0]; run < mostWarmUps; run++) {
      let time = 0;
      for (const index of steps.keys()) time += await runner.run(index);
      idle = time < gain * shortest ? 0 : idle + 1;
      shortest = Math.min(shortest, time);
      const elapsed = performance.now() - start;
      if (elapsed > longestWarmUpTime || (elapsed > leastWarmUpTime && idle >= idleWarmUps)) break;
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
    for (let run = 0; run < runs; run++)
      for (const index of steps.keys()) at(times, index).push(await runner.run(index));
    return times.map(median);
  } finally {
    free();
  }
}

function layersOf(units: readonly ProfiledUnit[], peak: number): ProfiledLayer[] {
  const layers = new Map<string, { forward: number; backward: number; multiplyAdds: number }>();
  for (const { layer, backward, milliseconds, multiplyAdds, once } of units) {
    if (once) continue;
    const entry = layers.get(layer) ?? { forward: 0, backward: 0, multiplyAdds: 0 };
    entry[backward ? "backward" : "forward"] += milliseconds;
    entry.multiplyAdds += multiplyAdds;
    layers.set(layer, entry);
  }
  return [...layers].map(([layer, entry]) => {
    const milliseconds = entry.forward + entry.backward;
    return { layer, ...entry, milliseconds, share: shareOf(entry.multiplyAdds, milliseconds, peak) };
  });
}

function sumOf(units: readonly ProfiledUnit[]): number {
  return units.reduce((sum, unit) => sum + unit.milliseconds, 0);
}

function shareOf(multiplyAdds: number, milliseconds: number, peak: number): number {
  return multiplyAdds === 0 ? 0 : (2 * multiplyAdds) / milliseconds / 1e6 / peak;
}

function percent(share: number): string {
  return share === 0 ? "" : `${(share * 100).toFixed(0)} %`;
}

function show(found: Omit<Profile, "trace" | "toString">): string {
  const { layers, milliseconds, onceMilliseconds, threads, memory, machine } = found;
  const units = found.units.filter(({ once }) => !once);
  const part = (time: number): string => percent(time / milliseconds);
  const longest = units.toSorted((a, b) => b.milliseconds - a.milliseconds);
  const rows = longest
    .slice(0, shownUnits)
    .map((unit) => [
      layerCell(unit),
      shortOps(unit.ops),
      outputCell(unit),
      algorithmCell(unit),
      unit.milliseconds.toFixed(3),
      part(unit.milliseconds),
      unit.multiplyAdds === 0 ? "" : unit.gigaflops.toFixed(1),
      percent(unit.share),
      shortBytes(unit.bytes),
      (unit.bytes / unit.milliseconds / 1e6).toFixed(1),
      unit.predicted.toFixed(3),
    ]);
  const rest = longest.slice(shownUnits).reduce((sum, unit) => sum + unit.milliseconds, 0);
  const header = [
    "layer",
    "ops",
    "output",
    "algorithm",
    "ms",
    "of all",
    "GFLOP/s",
    "of peak",
    "moved",
    "GB/s",
    "predicted ms",
  ];
  const layerRows = layers
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .map((layer) => [
      layer.layer === "" ? "(no layer)" : layer.layer,
      layer.forward.toFixed(3),
      layer.backward.toFixed(3),
      part(layer.milliseconds),
      layer.multiplyAdds === 0 ? "" : short(layer.multiplyAdds),
      percent(layer.share),
    ]);
  const all = units.reduce((sum, unit) => sum + unit.multiplyAdds, 0);
  const peak = machine.gigaflops * threads;
  return [
    `${milliseconds.toFixed(2)} ms in ${units.length} units on ${threads} ${threads === 1 ? "thread" : "threads"}, ` +
      `${short(all)} multiply-adds: ${percent(shareOf(all, milliseconds, peak)) || "0 %"} of the ${peak.toFixed(0)} GFLOP/s on registers`,
    memoryLine(memory),
    ...(onceMilliseconds > 0
      ? [`beside them ${onceMilliseconds.toFixed(2)} ms after the parameters have changed`]
      : []),
    table([header, ...rows], new Set([4, 5, 6, 7, 8, 9, 10])),
    ...(longest.length > shownUnits ? [`and ${longest.length - shownUnits} more units: ${rest.toFixed(3)} ms`] : []),
    "",
    table(
      [["layer", "forward ms", "backward ms", "of all", "multiply-adds", "of peak"], ...layerRows],
      new Set([1, 2, 3, 4, 5]),
    ),
  ].join("\n");
}

/**
 * Runs the program of a compiled function or a training step for these arguments, step by step with a clock around each, on made-up numbers: nothing of
 * the user's is read or changed. The times of small steps hold what it takes to start one (some microseconds, with threads some tens).
 * @throws BackendError when the backend in use is not the CPU's; AttributeError when `runs` is no whole number above 0, or the clock is not there.
 * @example
 * const found = await profile(step, [batch]);
 * console.log(String(found));
 * await writeFile("trace.json", found.trace());
 */
export async function profile<Args extends readonly unknown[]>(
  traced: Traced<Args>,
  args: Args,
  { runs = 5, clock = "wall", backend = defaultBackend() }: ProfileOptions = {},
): Promise<Profile> {
  if (!Number.isInteger(runs) || runs < 1)
    throw new AttributeError("profile", `runs is ${runs}`, "use a whole number above 0");
  const now = clockOf("profile", clock);
  const graph = traced.graph(...args);
  const executable = await programOf("profile", graph, { backend });
  const inputs: DeviceBuffer[] = [];
  try {
    for (const [index, data] of madeInputs(graph).entries())
      inputs.push(backend.upload(data, at(graph.values, at(graph.inputs, index).value)));
    const opened = executable.open();
    const times = await timesOf(executable, inputs, runs, now);
    const machine = thisMachine();
    const { threads } = opened.pool;
    const peak = machine.gigaflops * threads;
    const units = unitsOf(opened, machine).map((unit) => {
      const milliseconds = unit.steps.reduce((sum, step) => sum + at(times, step), 0);
      const share = shareOf(unit.multiplyAdds, milliseconds, peak);
      return { ...unit, milliseconds, gigaflops: share * peak, share };
    });
    const found = {
      units,
      layers: layersOf(units, peak),
      milliseconds: sumOf(units.filter(({ once }) => !once)),
      onceMilliseconds: sumOf(units.filter(({ once }) => once)),
      threads,
      memory: memoryOf(opened),
      machine,
    };
    return { ...found, trace: () => traceOf(units.filter(({ once }) => !once)), toString: () => show(found) };
  } finally {
    for (const input of inputs) backend.free(input);
    executable.dispose();
  }
}
