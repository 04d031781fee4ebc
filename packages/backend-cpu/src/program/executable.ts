// A compiled program: it fills in addresses, runs, and hands out the results.
import {
  at,
  bytesOf,
  resultValues,
  type DeviceBuffer,
  type DType,
  type Executable,
  type Graph,
  type TypedArray,
} from "@stria/core";
import type { Tile } from "../kernels/tile.ts";
import type { Block, BlockStore } from "../memory/buffer.ts";
import type { Arena } from "../memory/arena.ts";
import { reusableInputs } from "./reuse.ts";
import type { Pool } from "../pool/pool.ts";
import { encode, planMemory, type EncodedProgram, type MemoryPlan } from "./encode.ts";
import { lower, type Program } from "./lower.ts";

/** Writes host data to memory. */
export function writeArray(arena: Arena, address: number, data: TypedArray): void {
  if (data instanceof Float32Array) arena.floats.set(data, address / 4);
  else if (data instanceof Int32Array) arena.words.set(data, address / 4);
  else arena.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
}

/** A copy of memory as host data. */
export function readArray(arena: Arena, address: number, dtype: DType, length: number): TypedArray {
  if (dtype === "float32") return arena.floats.slice(address / 4, address / 4 + length);
  if (dtype === "int32") return arena.words.slice(address / 4, address / 4 + length);
  const bytes = arena.bytes.slice(address, address + length * bytesOf(dtype));
  return dtype === "float16" ? new Uint16Array(bytes.buffer) : bytes;
}

export class CpuExecutable implements Executable {
  readonly #graph: Graph;
  readonly #pool: Pool;
  readonly #store: BlockStore;
  readonly #program: Program;
  readonly #encoded: EncodedProgram;
  readonly #plan: MemoryPlan;
  readonly #reusable: ReadonlyMap<number, number>;
  /** Blocks of constants, by buffer. */
  readonly #constants = new Map<number, Block>();
  #disposed = false;

  constructor(graph: Graph, pool: Pool, store: BlockStore, tile: Tile) {
    this.#graph = graph;
    this.#pool = pool;
    this.#store = store;
    this.#program = lower(graph, tile, pool.threads);
    const { builder, results } = this.#program;
    this.#encoded = encode(builder, pool.load(builder.steps.map((step) => step.kernel)));
    this.#plan = planMemory(builder, new Set(results));
    this.#reusable = reusableInputs(builder, results);
    builder.buffers.forEach((buffer, id) => {
      if (buffer.kind !== "constant") return;
      const block = store.make(buffer.data.byteLength);
      writeArray(store.arena, block.address, buffer.data);
      this.#constants.set(id, block);
    });
  }

  run(inputs: readonly DeviceBuffer[], donated: readonly number[]): DeviceBuffer[] {
    const { builder, results } = this.#program;
    const { arena } = this.#store;
    const given = inputs.map((input) => this.#store.of(input).block);
    const made = new Map<number, Block>();
    const workspace = this.#plan.bytes > 0 ? arena.allocate(this.#plan.bytes) : 0;
    let taken = false;
    const giveBack = (): void => {
      if (this.#plan.bytes > 0) arena.free(workspace);
    };
    try {
      const blockOf = (id: number): Block => {
        const buffer = at(builder.buffers, id);
        if (buffer.kind === "input") return at(given, buffer.index);
        const known = buffer.kind === "constant" ? this.#constants.get(id) : made.get(id);
        if (known) return known;
        const reused = this.#reusable.get(id);
        const old = reused !== undefined && donated.includes(reused) ? at(given, reused) : undefined;
        if (old?.isSole && given.indexOf(old) === given.lastIndexOf(old)) {
          made.set(id, old.retain());
          return old;
        }
        const block = this.#store.make(buffer.kind === "local" ? buffer.bytes : 0);
        made.set(id, block);
        return block;
      };
      const outputs = results.map(blockOf);
      const addresses = builder.buffers.map((buffer, id) =>
        buffer.kind === "local" && !made.has(id) ? workspace + at(this.#plan.offsets, id) : blockOf(id).address,
      );
      const program = this.#place(addresses);
      const { records, scratchBytes } = this.#encoded;
      taken = true;
      this.#pool.launch({ program, records, scratchBytes }, () => {
        arena.free(program);
        giveBack();
      });
      const values = resultValues(this.#graph);
      return outputs.map((block, index) => this.#store.wrap(at(this.#graph.values, at(values, index)), block.retain()));
    } finally {
      if (!taken) giveBack();
      for (const index of donated) this.#store.free(at(inputs, index)); // theirs no more, also where the run failed
      for (const block of made.values()) block.release();
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pool.release(this.#program.builder.steps.map((step) => step.kernel));
    for (const block of this.#constants.values()) block.release();
    this.#constants.clear();
  }

  /** Copies the program to memory, with the addresses of this run. */
  #place(buffers: readonly number[]): number {
    const { words: template, addresses, own } = this.#encoded;
    const { arena } = this.#store;
    const program = arena.allocate(template.byteLength);
    const { words } = arena;
    const base = program / 4;
    words.set(template, base);
    for (const word of own) words[base + word] = (words[base + word] ?? 0) + program;
    for (let pair = 0; pair < addresses.length; pair += 2) {
      const word = base + at(addresses, pair);
      words[word] = (words[word] ?? 0) + at(buffers, at(addresses, pair + 1));
    }
    return program;
  }
}
