// A program as words: the records that the scheduler walks and their arguments, with a list of the places where addresses go.
import { at } from "@stria/core";
import { blockBytes } from "../memory/arena.ts";
import { FreeList } from "../memory/free-list.ts";
import { record } from "../pool/layout.ts";
import { eachStage } from "./stages.ts";
import type { Argument, BufferId, ProgramBuilder, Step } from "./steps.ts";

export interface EncodedProgram {
  /** Records, then arguments. Words listed in `addresses` hold byte offsets to which a buffer's address is added. */
  readonly words: Int32Array<ArrayBuffer>;
  readonly records: number;
  /** Pairs: word, buffer. */
  readonly addresses: Int32Array;
  /** Words that hold offsets into the program itself. */
  readonly own: Int32Array;
  readonly scratchBytes: number;
  /** Whether no step is divided, so that others would only wait. */
  readonly alone: boolean;
}

/** `kernels` are the numbers of `kernelsOf(steps)`. */
export function encode({ steps }: Pick<ProgramBuilder, "steps">, kernels: readonly number[]): EncodedProgram {
  const words: number[] = Array<number>((steps.length * record.bytes) / 4).fill(0);
  const addresses: number[] = [];
  const own: number[] = [];
  let taken = 0;
  /** Adds argument words; the word `entry` says where they are. */
  const pushArguments = (entry: number, list: readonly Argument[]): void => {
    words[entry] = words.length * 4;
    own.push(entry);
    for (const argument of list) {
      if (typeof argument === "number") words.push(argument);
      else {
        addresses.push(words.length, argument.buffer);
        words.push(argument.offset ?? 0);
      }
    }
  };
  steps.forEach((step, index) => {
    const entry = (index * record.bytes) / 4;
    words[entry + record.kernel / 4] = at(kernels, taken++);
    words[entry + record.units / 4] = step.units;
    words[entry + record.grain / 4] = step.grain;
    words[entry + record.chunks / 4] = chunksOf(step);
    pushArguments(entry + record.arguments / 4, step.arguments);
    if (!step.next) return;
    words[entry + record.nextKernel / 4] = at(kernels, taken++);
    pushArguments(entry + record.nextArguments / 4, step.next.arguments);
  });
  eachStage(steps, (first, end) => {
    const last = end - 1;
    for (let index = first; index < end; index++)
      words[(index * record.bytes + record.counter) / 4] = (last - index) * record.bytes + record.done;
    words[(last * record.bytes + record.due) / 4] = steps
      .slice(first, end)
      .reduce((sum, step) => sum + chunksOf(step), 0);
  });
  return {
    words: Int32Array.from(words),
    records: steps.length,
    addresses: Int32Array.from(addresses),
    own: Int32Array.from(own),
    scratchBytes: Math.max(0, ...steps.map((step) => step.scratchBytes)),
    alone: steps.every((step) => chunksOf(step) <= 1),
  };
}

function chunksOf({ units, grain }: Step): number {
  return Math.ceil(units / grain);
}

export interface MemoryPlan {
  /** Place of each buffer that lives inside a run only; -1 for all others. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** Gives buffers that are never alive at the same time the same memory, and results that of what they are made of, where a step can work in place. */
export function planMemory({ buffers, steps }: ProgramBuilder, results: ReadonlySet<BufferId>): MemoryPlan {
  // By the first step of the stage, whose steps run at the same time.
  const lastUse = new Map<BufferId, number>();
  eachStage(steps, (first, end) => {
    for (const step of steps.slice(first, end))
      for (const buffer of [...step.reads, ...step.writes]) lastUse.set(buffer, first);
  });
  const dyingAt = new Map<number, BufferId[]>();
  for (const [buffer, stage] of lastUse) dyingAt.set(stage, [...(dyingAt.get(stage) ?? []), buffer]);
  const list = new FreeList(0);
  /** Buffers whose memory another has. */
  const lost = new Set<BufferId>();
  const offsets = buffers.map(() => -1);
  const planned = (buffer: BufferId): boolean => at(buffers, buffer).kind === "local" && !results.has(buffer);
  /** Lets a result of one of a stage's steps lie where what it is made of lay, if nobody else needs that any more. */
  const takeOver = (read: BufferId, write: BufferId, first: number, stage: readonly Step[]): void => {
    const [from, to] = [at(buffers, read), at(buffers, write)];
    if (from.kind !== "local" || to.kind !== "local" || !planned(read) || !planned(write)) return;
    if (at(offsets, read) < 0 || at(offsets, write) >= 0 || lastUse.get(read) !== first || lost.has(read)) return;
    const touching = stage.filter(({ reads, writes }) =>
      [...reads, ...writes].some((id) => id === read || id === write),
    );
    if (touching.length > 1 || blockBytes(from.bytes) !== blockBytes(to.bytes)) return;
    offsets[write] = at(offsets, read);
    lost.add(read);
  };
  eachStage(steps, (first, end) => {
    const stage = steps.slice(first, end);
    for (const [read, write] of stage.flatMap((step) => step.inPlace ?? [])) takeOver(read, write, first, stage);
    // A value without elements is never written, and read all the same.
    for (const id of stage.flatMap((step) => [...step.reads, ...step.writes])) {
      const buffer = at(buffers, id);
      if (buffer.kind === "local" && planned(id) && at(offsets, id) < 0)
        offsets[id] = list.allocate(blockBytes(buffer.bytes));
    }
    for (const buffer of dyingAt.get(first) ?? [])
      if (planned(buffer) && !lost.has(buffer)) list.free(at(offsets, buffer));
  });
  return { offsets, bytes: list.end };
}
