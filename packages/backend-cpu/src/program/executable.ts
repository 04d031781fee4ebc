// A compiled program: it fills in addresses, runs, and hands out the results.
import { type Aval, at, BackendError, resultValues, type DeviceBuffer, type Executable, type Graph } from "@stria/core";
import type { Block, BlockStore } from "../memory/buffer.ts";
import { prediction } from "../parts/index.ts";
import { missingParts } from "../parts/part.ts";
import type { Pieces } from "../pieces.ts";
import { reusableInputs } from "./reuse.ts";
import type { Pool } from "../pool/pool.ts";
import type { Preparation } from "./preparation.ts";
import type { Prepared } from "./prepared.ts";
import { encode, planMemory, type EncodedProgram, type MemoryPlan } from "./encode.ts";
import { type Frame, Frames, place } from "./frame.ts";
import { lower, type LowerOptions, type Program } from "./lower.ts";
import { type BufferId, kernelsOf, type Step } from "./steps.ts";

/** What an executable is made of. */
interface Parts {
  readonly graph: Graph;
  readonly program: Program;
  readonly encoded: EncodedProgram;
  readonly plan: MemoryPlan;
  readonly reusable: ReadonlyMap<number, number>;
  /** What runs while the parameters are the same, where that is less. */
  readonly repeated: Repeated | undefined;
}

interface Repeated {
  readonly preparation: Preparation;
  readonly prepared: Prepared;
  readonly encoded: EncodedProgram;
  readonly plan: MemoryPlan;
}

export interface Opened extends Parts {
  readonly pool: Pool;
  readonly store: BlockStore;
}

/** Makes programs take no more than so many bytes: fitting/. */
export interface Fitting {
  readonly limit: number;
  readonly fit: (
    graph: Graph,
    options: LowerOptions,
    limit: number,
  ) => Pieces<{ readonly graph: Graph; readonly program: Program }>;
}

/** Kernels in one module, where a graph is compiled in pieces. */
const kernelsInPiece = 4;

/**
 * Compiles a graph, in pieces.
 * @throws BackendError where there is no memory for its constants, or a run takes more than the limit.
 */
export function* build(
  graph: Graph,
  pool: Pool,
  store: BlockStore,
  choices: Omit<LowerOptions, "threads">,
  fitting?: Fitting,
): Pieces<CpuExecutable> {
  const options = { ...choices, threads: pool.threads };
  if (fitting) {
    const fitted = yield* fitting.fit(graph, options, fitting.limit);
    return yield* assemble(fitted.graph, fitted.program, pool, store);
  }
  const program = yield* lower(graph, options);
  return yield* assemble(graph, program, pool, store);
}

/** Makes a program run: its kernels are emitted, its memory is planned. */
export function* assemble(graph: Graph, program: Program, pool: Pool, store: BlockStore): Pieces<CpuExecutable> {
  const { builder, results } = program;
  const kernels = kernelsOf(builder.steps);
  const missing = missingParts(kernels);
  if (missing.length > 0) yield Promise.all(missing.map((part) => part.load()));
  const numbers: number[] = [];
  try {
    const atOnce = pool.inline ? kernels.length : kernelsInPiece;
    while (numbers.length < kernels.length) {
      numbers.push(...pool.load(kernels.slice(numbers.length, numbers.length + atOnce)));
      yield;
    }
    const encoded = encode(builder, numbers);
    const plan = planMemory(builder, new Set(results));
    yield;
    const reusable = reusableInputs(builder, results);
    const staying = builder.keepsPreparation ? yield* prediction.wait() : undefined;
    const preparation = staying?.preparationOf(graph, builder, results);
    const repeated = staying &&
      preparation && {
        preparation,
        prepared: new staying.Prepared(preparation, builder, store),
        encoded: encodeSome(
          builder.steps.filter((_, index) => !preparation.steps.has(index)),
          new Map(kernels.map(({ key }, index) => [key, at(numbers, index)])),
        ),
        plan: planMemory(builder, new Set([...results, ...preparation.kept])),
      };
    return new CpuExecutable({ graph, program, encoded, plan, reusable, repeated }, pool, store);
  } catch (error) {
    pool.release(kernels.slice(0, numbers.length));
    throw error;
  }
}

/** Encodes some of a program's steps, where `numbers` are those of their kernels by key. */
function encodeSome(steps: Step[], numbers: ReadonlyMap<string, number>): EncodedProgram {
  return encode(
    { steps },
    kernelsOf(steps).map(({ key }) => numbers.get(key) ?? -1),
  );
}

export class CpuExecutable implements Executable {
  readonly #parts: Parts;
  readonly #pool: Pool;
  readonly #store: BlockStore;
  /** Blocks of constants, by buffer. */
  readonly #constants = new Map<number, Block>();
  /** Of each buffer in the run that is being launched. */
  readonly #addresses: number[];
  /** The buffers that results lie in, and for each result its place in that list, and what it is. */
  readonly #resulting: readonly BufferId[];
  readonly #results: readonly { readonly place: number; readonly aval: Aval }[];
  /** Where the words stay between runs: where the calling thread computes, so that a run is over when the next begins. */
  readonly #frames = new Map<EncodedProgram, Frames>();
  #prepared: Prepared | undefined;
  #disposed = false;

  constructor(parts: Parts, pool: Pool, store: BlockStore) {
    const { graph, program, repeated } = parts;
    this.#parts = parts;
    this.#pool = pool;
    this.#store = store;
    this.#prepared = repeated?.prepared;
    this.#resulting = [...new Set(program.results)];
    this.#results = resultValues(graph).map((value, index) => ({
      place: this.#resulting.indexOf(at(program.results, index)),
      aval: at(graph.values, value),
    }));
    this.#addresses = program.builder.buffers.map(() => 0);
    try {
      program.builder.buffers.forEach((buffer, id) => {
        if (buffer.kind !== "constant") return;
        const block = store.filled(buffer.data);
        this.#constants.set(id, block);
        this.#addresses[id] = block.address;
      });
    } catch (error) {
      this.#freeConstants();
      throw error;
    }
  }

  run(inputs: readonly DeviceBuffer[], donated: readonly number[]): DeviceBuffer[] {
    try {
      return this.#run(inputs, donated);
    } catch (error) {
      if (!this.#prepared || !(error instanceof BackendError)) throw error;
      // What stays between runs is a convenience: where there is no memory for it, every run does without.
      this.#prepared.release();
      this.#prepared = undefined;
      return this.#run(inputs, donated);
    }
  }

  #run(inputs: readonly DeviceBuffer[], donated: readonly number[]): DeviceBuffer[] {
    const { repeated } = this.#parts;
    const store = this.#store;
    const { arena } = store;
    const given: Block[] = [];
    for (const input of inputs) given.push(store.of(input).block);
    const prepared = this.#prepared;
    const isPrepared = prepared?.isFor(given) ?? false;
    const encoded = isPrepared && repeated ? repeated.encoded : this.#parts.encoded;
    const { plan } = (prepared && repeated) ?? this.#parts;
    const kept = prepared?.blocks();
    const made: Block[] = [];
    const workspace = plan.bytes > 0 ? arena.allocate(plan.bytes) : 0;
    let taken = false;
    let launched = false;
    const giveBack = (): void => {
      if (plan.bytes > 0) arena.free(workspace);
    };
    try {
      this.#address(given, kept, (id) => workspace + at(plan.offsets, id));
      const outputs = this.#outputs(given, donated, kept, made);
      this.#pool.reserveScratch(encoded.scratchBytes);
      const frame = this.#pool.inline ? this.#frameOf(encoded) : undefined;
      const address = frame?.address ?? arena.allocate(encoded.words.byteLength);
      taken = true;
      const ends = Math.max(address + encoded.words.byteLength, workspace + plan.bytes);
      // Only who computes elsewhere has to be told what it touches.
      const blocks = frame ? [] : [...given, ...this.#constants.values(), ...(kept?.values() ?? []), ...made];
      const launch = {
        words: frame ? frame.bind(this.#addresses) : place(encoded, address, this.#addresses),
        address,
        records: encoded.records,
        scratchBytes: encoded.scratchBytes,
        alone: encoded.alone,
        lasting: frame,
        end: blocks.reduce((end, block) => Math.max(end, block.end), ends),
        needs: blocks.flatMap(({ filledBy }) => (filledBy > 0 ? [filledBy] : [])),
      };
      if (!isPrepared) prepared?.begin();
      const ticket = this.#pool.launch(launch, () => {
        if (!frame) arena.free(address);
        giveBack();
      });
      launched = true;
      if (!isPrepared) {
        for (const block of kept?.values() ?? []) block.filledBy = ticket;
        prepared?.done(given);
      }
      for (const block of made) {
        block.filledBy = ticket;
        block.writes++;
      }
      const results: DeviceBuffer[] = [];
      for (const { place: index, aval } of this.#results) results.push(store.wrap(aval, at(outputs, index).retain()));
      return results;
    } finally {
      if (!taken) giveBack();
      if (launched) for (const index of donated) store.free(at(inputs, index)); // a run that throws takes nothing over
      for (const block of made) block.release();
    }
  }

  /** Notes where everything lies but the results of this run. */
  #address(
    given: readonly Block[],
    kept: ReadonlyMap<number, Block> | undefined,
    local: (id: BufferId) => number,
  ): void {
    const { buffers } = this.#parts.program.builder;
    for (let id = 0; id < buffers.length; id++) {
      const buffer = at(buffers, id);
      if (buffer.kind === "input") this.#addresses[id] = at(given, buffer.index).address;
      else if (buffer.kind === "local") this.#addresses[id] = kept?.get(id)?.address ?? local(id);
    }
  }

  /** The blocks in which results lie, noted too. Those that the run fills are added to `made`. */
  #outputs(
    given: readonly Block[],
    donated: readonly number[],
    kept: ReadonlyMap<number, Block> | undefined,
    made: Block[],
  ): Block[] {
    const { reusable, program } = this.#parts;
    const outputs: Block[] = [];
    for (const id of this.#resulting) {
      const buffer = at(program.builder.buffers, id);
      let block = buffer.kind === "input" ? at(given, buffer.index) : (this.#constants.get(id) ?? kept?.get(id));
      if (!block) {
        const reused = reusable.get(id);
        const old = reused !== undefined && donated.includes(reused) ? at(given, reused) : undefined;
        const takesOver = old?.isSole === true && given.indexOf(old) === given.lastIndexOf(old);
        block = takesOver ? old.retain() : this.#store.make(buffer.kind === "local" ? buffer.bytes : 0);
        made.push(block);
      }
      outputs.push(block);
      this.#addresses[id] = block.address;
    }
    return outputs;
  }

  #frameOf(encoded: EncodedProgram): Frame {
    let frames = this.#frames.get(encoded);
    if (!frames) {
      frames = new Frames(encoded, this.#store.arena, this.#pool.threads);
      this.#frames.set(encoded, frames);
    }
    return frames.next();
  }

  /** What it is made of, for those who look into it: insight/. */
  open(): Opened {
    return { ...this.#parts, pool: this.#pool, store: this.#store };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pool.release(kernelsOf(this.#parts.program.builder.steps));
    this.#prepared?.release();
    if (this.#frames.size > 0) this.#pool.waitUntilIdle();
    for (const frames of this.#frames.values()) frames.free();
    this.#freeConstants();
  }

  #freeConstants(): void {
    for (const block of this.#constants.values()) block.release();
    this.#constants.clear();
  }
}
