// A program before it has addresses: kernel calls over numbered buffers.
import type { TypedArray } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import type { Gatherer } from "./gather.ts";
import type { WrittenPixels } from "./written-pixels.ts";

/** What a buffer is: given at each run, filled once when the program is made, or made and given up inside a run. */
export type BufferKind =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly data: TypedArray }
  | { readonly kind: "local"; readonly bytes: number };

export type BufferId = number;

/** An argument word: a plain number, or an address. */
export type Argument = number | { readonly buffer: BufferId; readonly offset?: number };

/** Where sums are gathered by those who write what is summed up. Everywhere is for tests. */
export type Gathering = "where it pays" | "everywhere";

/** A second kernel of a step. */
export interface Next {
  readonly kernel: Kernel;
  readonly arguments: readonly Argument[];
}

export interface Step {
  readonly kernel: Kernel;
  readonly arguments: readonly Argument[];
  readonly units: number;
  readonly grain: number;
  readonly scratchBytes: number;
  readonly reads: readonly BufferId[];
  readonly writes: readonly BufferId[];
  /** Pairs of a buffer read and a buffer written that may be the same memory: each element is read before it is written, and by nobody else. */
  readonly inPlace?: readonly (readonly [read: BufferId, write: BufferId])[];
  /** Does each unit as well, right after the kernel has done it. */
  readonly next?: Next;
  /** The pixels that it writes. */
  readonly pixels?: WrittenPixels;
  /** Where it can be done together with others of its kind. */
  readonly segment?: Segment;
  /** Steps that follow one another and have the same are done at the same time: stages.ts. */
  readonly stage?: number;
  /** The graph's nodes that it works for; none where it only moves a result to its place. */
  readonly nodes: readonly number[];
}

/** How a step is one of many in a step that does them all. */
export interface Segment {
  /** Equal for all that can be done together. */
  readonly kernel: Kernel;
  /** Its argument words there: of each part into which it is divided. */
  readonly parts: readonly (readonly Argument[])[];
  readonly cost: number;
  /** Whether it is large, so that it waits for others only if nobody waits for it. */
  readonly isLarge: boolean;
}

export interface StepRequest {
  readonly pixels?: WrittenPixels | undefined;
  readonly segment?: Segment;
  readonly kernel: Kernel;
  readonly arguments: readonly Argument[];
  readonly units: number;
  /** Rough cost of all units, in simple vector operations; small steps are not split between threads. */
  readonly cost: number;
  /** Fixed units in a chunk, where the kernel wants them so. */
  readonly grain?: number;
  readonly scratchBytes?: number;
  readonly reads: readonly BufferId[];
  readonly writes: readonly BufferId[];
  readonly inPlace?: readonly (readonly [read: BufferId, write: BufferId])[];
}

/** Vector operations that are worth giving to another thread: some tens of microseconds. */
const smallestChunk = 8192;
/** Chunks for each thread, so that a thread that is held up does not hold up all. */
const chunksPerThread = 4;

/** What the busiest thread may have to do more than it must, for chunks so small that those who come late cost little. */
const acceptable = 1.04;

/** Units in one chunk of a step: the smallest chunks with which the thread with most of them has few, if all take the same time. */
export function grainOf(threads: number, units: number, cost: number): number {
  if (threads === 1) return units;
  const most = Math.max(1, Math.min(threads * chunksPerThread, Math.floor(cost / smallestChunk), units));
  const choices = Array.from({ length: most }, (_, index) => {
    const grain = Math.ceil(units / (index + 1));
    return { grain, busiest: Math.ceil(Math.ceil(units / grain) / threads) * grain };
  });
  const least = Math.min(...choices.map(({ busiest }) => busiest));
  return choices.findLast(({ busiest }) => busiest <= acceptable * least)?.grain ?? units;
}

/** The kernels of some steps, in the order in which `encode` takes their numbers. */
export function kernelsOf(steps: readonly Pick<Step, "kernel" | "next">[]): Kernel[] {
  return steps.flatMap(({ kernel, next }) => (next ? [kernel, next.kernel] : [kernel]));
}

/** Collects buffers and steps. */
export class ProgramBuilder {
  readonly buffers: BufferKind[] = [];
  readonly steps: Step[] = [];
  readonly threads: number;
  /** The graph's nodes that are being lowered: what explains a program names its steps by them. */
  nodes: readonly number[] = [];
  /** Whether what is computed from parameters alone stays for the next run: then it is worth a step of its own. */
  keepsPreparation = false;
  /** Gathers sums over what a step writes behind its units, in programs that normalise by statistics. */
  gatherer: Gatherer | undefined;
  readonly #tables = new Map<string, BufferId>();

  constructor(threads: number) {
    this.threads = threads;
  }

  input(index: number): BufferId {
    return this.buffers.push({ kind: "input", index }) - 1;
  }

  constant(data: TypedArray): BufferId {
    return this.buffers.push({ kind: "constant", data }) - 1;
  }

  local(bytes: number): BufferId {
    return this.buffers.push({ kind: "local", bytes }) - 1;
  }

  /** A constant that several steps may share: a table of offsets, a number. Equal keys share one. */
  table(key: string, make: () => TypedArray): BufferId {
    let id = this.#tables.get(key);
    if (id === undefined) {
      id = this.constant(make());
      this.#tables.set(key, id);
    }
    return id;
  }

  step({ cost, grain, scratchBytes = 0, pixels, ...request }: StepRequest): void {
    if (request.units === 0) return;
    const wanted = grain ?? grainOf(this.threads, request.units, cost);
    this.steps.push({ ...request, ...(pixels && { pixels }), scratchBytes, grain: wanted, nodes: this.nodes });
  }
}
