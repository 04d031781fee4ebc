// Runs steps by themselves: every buffer has memory of its own, filled with NaN, with marks around it that no step may touch.
import { at } from "@stria/core";
import { loadAllParts } from "../src/parts/index.ts";
import { encode } from "../src/program/encode.ts";
import { type BufferId, kernelsOf, type ProgramBuilder } from "../src/program/steps.ts";
import { Pool } from "../src/pool/pool.ts";

/** A pool of so many threads. */
export async function startPool(threads: number): Promise<Pool> {
  await loadAllParts();
  return Pool.start({ threads, shared: threads > 1, worker: false });
}

const marks = 16;
const mark = 12345.678;

function marked(length: number): Float32Array {
  return new Float32Array(length + 2 * marks).fill(mark);
}

export interface PreparedProgram {
  run(): void;
  /** The content of a buffer. */
  read(buffer: BufferId): Promise<Float32Array>;
  /** The buffers that were written outside, or that were written although they are constants. */
  damaged(): Promise<BufferId[]>;
  dispose(): void;
}

/** Gives a program memory. Buffers hold float32 or int32. */
export function prepareProgram(pool: Pool, builder: ProgramBuilder): PreparedProgram {
  const { arena } = pool;
  const kernels = kernelsOf(builder.steps);
  const encoded = encode(builder, pool.load(kernels));
  const contents = builder.buffers.map((buffer) => {
    if (buffer.kind === "input") throw new Error("no inputs here");
    const bytes = buffer.kind === "constant" ? buffer.data.byteLength : buffer.bytes;
    const content = marked(bytes / 4);
    if (buffer.kind === "local") content.fill(NaN, marks, -marks);
    else {
      const { data } = buffer;
      content.set(new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4), marks);
    }
    return content;
  });
  const addresses = contents.map((content) => {
    const address = arena.allocate(content.byteLength);
    pool.write(address, content);
    return address;
  });
  const program = arena.allocate(encoded.words.byteLength);
  const end = Math.max(program + encoded.words.byteLength, ...addresses) + 65536;
  const words = encoded.words.slice();
  for (const word of encoded.own) words[word] = (words[word] ?? 0) + program;
  for (let pair = 0; pair < encoded.addresses.length; pair += 2) {
    const word = at(encoded.addresses, pair);
    words[word] = (words[word] ?? 0) + at(addresses, at(encoded.addresses, pair + 1)) + marks * 4;
  }
  const raw = async (id: BufferId): Promise<Float32Array> => {
    const data = await pool.read(at(addresses, id), "float32", at(contents, id).length, 0);
    if (!(data instanceof Float32Array)) throw new TypeError("no float32 array");
    return data;
  };
  const isDamaged = async (id: BufferId): Promise<boolean> => {
    const now = await raw(id);
    const constant = at(builder.buffers, id).kind === "constant";
    const before = new Int32Array(at(contents, id).buffer);
    return new Int32Array(now.buffer, now.byteOffset, now.length).some(
      (word, index) => (constant || index < marks || index >= before.length - marks) && word !== before[index],
    );
  };
  return {
    run(): void {
      const { scratchBytes } = encoded;
      pool.launch({ words, address: program, records: encoded.records, scratchBytes, end, needs: [] }, () => {});
    },
    read: async (id) => (await raw(id)).slice(marks, -marks),
    async damaged() {
      const ids = builder.buffers.map((_, id) => id);
      const damages = await Promise.all(ids.map(isDamaged));
      return ids.filter((id) => damages[id]);
    },
    dispose(): void {
      pool.release(kernels);
      for (const address of [...addresses, program]) arena.free(address);
    },
  };
}
