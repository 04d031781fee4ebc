// Runs steps by themselves: buffers are filled, the program runs on a pool, and what was written is read, with a watch on the memory around it.
import { at, type TypedArray } from "@stria/core";
import { encode, planMemory } from "../../src/program/encode.ts";
import { ProgramBuilder, type BufferId } from "../../src/program/steps.ts";
import type { Pool } from "../../src/pool/pool.ts";

/** Floats before and behind each buffer that no step may touch. */
const guard = 32;
const untouched = -12345.678;

export interface StepsRun {
  /** Contents of the buffers that were asked for. */
  readonly results: Float32Array[];
  /** What the clock says that each run took. */
  readonly times: number[];
}

/**
 * Runs steps that `add` adds to a builder; it is given the ids of buffers with `contents`, and of buffers of `sizes` floats, which are returned.
 * @throws Error where a step wrote outside these.
 */
export async function runSteps(
  pool: Pool,
  contents: readonly Float32Array[],
  sizes: readonly number[],
  add: (builder: ProgramBuilder, inputs: readonly BufferId[], outputs: readonly BufferId[]) => void,
  repetitions = 1,
  clock: () => number = () => performance.now(),
): Promise<StepsRun> {
  const builder = new ProgramBuilder(pool.threads);
  const inputs = contents.map((_, index) => builder.input(index));
  const outputs = sizes.map((_, index) => builder.input(contents.length + index));
  add(builder, inputs, outputs);
  const kernels = builder.steps.map((step) => step.kernel);
  const encoded = encode(builder, pool.load(kernels));
  const plan = planMemory(builder, new Set());
  const { arena } = pool;
  const workspace = arena.allocate(plan.bytes + 64);
  const taken = [workspace];
  const place = (data: TypedArray): number => {
    const framed = new Float32Array(data.length + 2 * guard).fill(untouched);
    const address = arena.allocate(framed.byteLength);
    taken.push(address);
    new Uint8Array(framed.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), guard * 4);
    pool.write(address, framed);
    return address + guard * 4;
  };
  const given = [...contents, ...sizes.map((size) => new Float32Array(size).fill(NaN))].map(place);
  const addresses = builder.buffers.map((buffer, id) => {
    if (buffer.kind === "input") return at(given, buffer.index);
    return buffer.kind === "constant" ? place(buffer.data) : workspace + at(plan.offsets, id);
  });
  const program = arena.allocate(encoded.words.byteLength);
  taken.push(program);
  const words = encoded.words.slice();
  for (const word of encoded.own) words[word] = at(words, word) + program;
  for (let pair = 0; pair < encoded.addresses.length; pair += 2) {
    const word = at(encoded.addresses, pair);
    words[word] = at(words, word) + at(addresses, at(encoded.addresses, pair + 1));
  }
  const { records, scratchBytes } = encoded;
  const times: number[] = [];
  for (let run = 0; run < repetitions; run++) {
    const start = clock();
    const end = program + words.byteLength;
    pool.launch({ words, address: program, records, scratchBytes, end, needs: [] }, () => {});
    times.push(clock() - start);
    if (repetitions > 1) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const frames = await Promise.all(
    [...contents.map((content) => content.length), ...sizes].map((size, index) =>
      pool.read(at(given, index) - guard * 4, "float32", size + 2 * guard, 0),
    ),
  );
  for (const frame of frames)
    for (let index = 0; index < guard; index++)
      for (const edge of [index, frame.length - 1 - index])
        if (at(frame, edge) !== Math.fround(untouched)) throw new Error(`a step wrote outside a buffer: ${edge}`);
  for (const [index, content] of contents.entries())
    if (
      at(frames, index)
        .subarray(guard, guard + content.length)
        .some((value, element) => !Object.is(value, content[element]))
    )
      throw new Error(`a step wrote to its input ${index}`);
  for (const address of taken) arena.free(address);
  pool.release(kernels);
  return {
    results: frames
      .slice(contents.length)
      .map((frame) => Float32Array.from(frame.subarray(guard, frame.length - guard))),
    times,
  };
}
