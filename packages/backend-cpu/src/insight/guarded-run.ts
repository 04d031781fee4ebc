// For tests: runs a program with canaries around every buffer and every thread's scratch memory, and looks at them after every step. What a kernel may
// read and has not been written is poison, so that it shows in the results.
import { at, BackendError, resultValues, sizeOf, type Executable, type TypedArray } from "@stria/core";
import { CpuExecutable } from "../program/executable.ts";
import type { Step } from "../program/steps.ts";
import { StepRunner } from "./step-runner.ts";

/** Bytes before and behind each buffer. */
const guardBytes = 256;
/** Bytes behind a buffer that kernels may write: the rest of a vector. */
const slackBytes = 16;
/** Of a canary, and of memory that nobody has written: as float32 a NaN. */
const poison = 0x7f_c5_a5_c3 | 0;

export interface GuardedResult {
  /** One for each result of the graph. */
  readonly results: readonly TypedArray[];
  /** What was written where it should not have been, in words; none where all is well. */
  readonly faults: readonly string[];
}

interface Zone {
  readonly name: string;
  readonly address: number;
  readonly words: number;
}

function describe(step: Step, index: number): string {
  return `step ${index}, ${step.kernel.key.slice(0, 60)}`;
}

/**
 * Runs an executable of this backend on `inputs`, which follow `graph.inputs`.
 * @throws BackendError where the executable is another backend's.
 */
export async function guardedRun(executable: Executable, inputs: readonly TypedArray[]): Promise<GuardedResult> {
  if (!(executable instanceof CpuExecutable))
    throw new BackendError("guardedRun", "the program is not of @stria/backend-cpu", "compile it with cpu()");
  const opened = executable.open();
  const { graph, program, encoded, pool, store } = opened;
  const { builder, results } = program;
  const zones: Zone[] = [];
  const allocated: number[] = [];
  /** Room for so many bytes between two canaries. */
  const guarded = (name: string, bytes: number): number => {
    const room = Math.ceil((bytes + slackBytes) / 4) * 4;
    const length = guardBytes + room + guardBytes;
    const start = store.arena.allocate(length);
    allocated.push(start);
    pool.write(start, new Int32Array(length / 4).fill(poison));
    zones.push({ name: `before ${name}`, address: start, words: guardBytes / 4 });
    zones.push({ name: `behind ${name}`, address: start + guardBytes + room, words: guardBytes / 4 });
    return start + guardBytes;
  };
  try {
    const kept: { name: string; address: number; bytes: Uint8Array }[] = [];
    const addresses = builder.buffers.map((buffer, id) => {
      const data =
        buffer.kind === "input" ? at(inputs, buffer.index) : buffer.kind === "constant" ? buffer.data : undefined;
      const name = `buffer ${id} (${buffer.kind}${buffer.kind === "input" ? ` ${at(graph.inputs, buffer.index).name}` : ""})`;
      const address = guarded(name, buffer.kind === "local" ? buffer.bytes : (data?.byteLength ?? 0));
      if (data) {
        pool.write(address, data);
        kept.push({ name, address, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
      }
      return address;
    });
    // Threads' scratch memory lies at even distances, with room for a canary between them.
    const scratchRoom = Math.ceil((encoded.scratchBytes + slackBytes) / 64) * 64;
    const stride = scratchRoom + guardBytes;
    const scratch = guarded("the scratch memory", stride * pool.threads);
    for (let thread = 0; thread < pool.threads; thread++)
      zones.push({
        name: `behind the scratch memory of thread ${thread}`,
        address: scratch + thread * stride + scratchRoom,
        words: guardBytes / 4,
      });
    const end = Math.max(...zones.map(({ address, words }) => address + words * 4));
    const runner = new StepRunner(opened, { addresses, end, needs: [], ownScratch: { address: scratch, stride } });
    const faults: string[] = [];
    const damaged = new Set<Zone>();
    for (const [index, step] of builder.steps.entries()) {
      await runner.run(index);
      for (const zone of zones) {
        if (damaged.has(zone)) continue;
        const found = await pool.read(zone.address, "int32", zone.words, 0);
        if (found.every((word) => word === poison)) continue;
        damaged.add(zone);
        faults.push(`${describe(step, index)} wrote ${zone.name}`);
      }
    }
    for (const { name, address, bytes } of kept)
      if ((await pool.read(address, "uint8", bytes.length, 0)).some((byte, place) => byte !== bytes[place]))
        faults.push(`${name} was written`);
    const read = results.map((id, index) => {
      const { dtype, shape } = at(graph.values, at(resultValues(graph), index));
      return pool.read(at(addresses, id), dtype, sizeOf(shape), 0);
    });
    return { results: await Promise.all(read), faults };
  } finally {
    for (const address of allocated) store.arena.free(address);
  }
}
