// Runs a program of some steps by itself, with a watch around every buffer that finds what is written outside.
import { at, bytesOf, type DType, type TypedArray } from "@stria/core";
import { planMemory, encode } from "../../src/program/encode.ts";
import { kernelsOf, ProgramBuilder, type BufferId } from "../../src/program/steps.ts";
import type { Pool } from "../../src/pool/pool.ts";

/** Bytes of the watch on each side; the first 16 behind a buffer may be written. */
const guard = 128;
const slack = 16;
const mark = 0x5a;

export interface Output {
  readonly dtype: DType;
  readonly length: number;
}

/** The outputs of the steps that `add` adds. @throws Error where a byte outside a buffer was written, or an input changed. */
export async function runWatched(
  pool: Pool,
  inputs: readonly { readonly data: TypedArray; readonly dtype: DType }[],
  outputs: readonly Output[],
  add: (builder: ProgramBuilder, inputs: readonly BufferId[], outputs: readonly BufferId[]) => void,
): Promise<TypedArray[]> {
  const builder = new ProgramBuilder(pool.threads);
  const given = inputs.map((_, index) => builder.input(index));
  const made = outputs.map(({ dtype, length }) => builder.local(length * bytesOf(dtype)));
  add(builder, given, made);
  const bytes = builder.buffers.map((buffer) => {
    if (buffer.kind === "input") return at(inputs, buffer.index).data.byteLength;
    return buffer.kind === "constant" ? buffer.data.byteLength : buffer.bytes;
  });
  const blocks = bytes.map((length) => pool.arena.allocate(length + 2 * guard));
  builder.buffers.forEach((buffer, id) => {
    pool.write(at(blocks, id), new Uint8Array(at(bytes, id) + 2 * guard).fill(mark));
    if (buffer.kind === "input") pool.write(at(blocks, id) + guard, at(inputs, buffer.index).data);
    if (buffer.kind === "constant") pool.write(at(blocks, id) + guard, buffer.data);
  });
  const kernels = kernelsOf(builder.steps);
  const encoded = encode(builder, pool.load(kernels));
  planMemory(builder, new Set(made));
  const address = pool.arena.allocate(encoded.words.byteLength);
  const words = encoded.words.slice();
  for (const word of encoded.own) words[word] = at(words, word) + address;
  for (let pair = 0; pair < encoded.addresses.length; pair += 2) {
    const word = at(encoded.addresses, pair);
    words[word] = at(words, word) + at(blocks, at(encoded.addresses, pair + 1)) + guard;
  }
  const end = Math.max(address + words.byteLength, ...blocks.map((block, id) => block + at(bytes, id) + 2 * guard));
  const { records, scratchBytes } = encoded;
  const ticket = pool.launch({ words, address, records, scratchBytes, end, needs: [] }, () => {});
  const read = (id: number, dtype: DType, length: number): Promise<TypedArray> =>
    pool.read(at(blocks, id) + guard, dtype, length, ticket);
  const results = await Promise.all(
    made.map((id, index) => read(id, at(outputs, index).dtype, at(outputs, index).length)),
  );
  for (const id of builder.buffers.keys()) {
    const all = await pool.read(at(blocks, id), "uint8", at(bytes, id) + 2 * guard, ticket);
    const ends = guard + at(bytes, id);
    const outside = all.findIndex((byte, place) => byte !== mark && (place < guard || place >= ends + slack));
    if (outside >= 0) throw new Error(`buffer ${id} was written at byte ${outside - guard} of ${at(bytes, id)}`);
  }
  for (const [index, { data, dtype }] of inputs.entries()) {
    const after = await read(at(given, index), dtype, data.length);
    if (data.some((value, place) => !Object.is(value, after[place]))) throw new Error(`input ${index} was changed`);
  }
  pool.release(kernels);
  for (const block of [...blocks, address]) pool.arena.free(block);
  return results;
}
