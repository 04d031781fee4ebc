// A compiled program: it fills in addresses, runs, and hands out the results.
import { at, BackendError, resultValues, type DeviceBuffer, type Executable, type Graph } from "@stria/core";
import type { Block, BlockStore } from "../memory/buffer.ts";
import { prediction } from "../parts/index.ts";
import { missingParts } from "../parts/part.ts";
import type { Pieces } from "../pieces.ts";
import { reusableInputs } from "./reuse.ts";
import type { Pool } from "../pool/pool.ts";
import type { Preparation } from "./preparation.ts";
import type { Prepared } from "./prepared.ts";
import { encode, planMemory, type EncodedProgram, type MemoryPlan } from "./encode.ts";
import { lower, type LowerOptions, type Program } from "./lower.ts";

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
  const kernels = builder.steps.map((step) => step.kernel);
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
        encoded: encode(
          { steps: builder.steps.filter((_, index) => !preparation.steps.has(index)) },
          numbers.filter((_, index) => !preparation.steps.has(index)),
        ),
        plan: planMemory(builder, new Set([...results, ...preparation.kept])),
      };
    return new CpuExecutable({ graph, program, encoded, plan, reusable, repeated }, pool, store);
  } catch (error) {
    pool.release(kernels.slice(0, numbers.length));
    throw error;
  }
}

export class CpuExecutable implements Executable {
  readonly #parts: Parts;
  readonly #pool: Pool;
  readonly #store: BlockStore;
  /** Blocks of constants, by buffer. */
  readonly #constants = new Map<number, Block>();
  #prepared: Prepared | undefined;
  #disposed = false;

  constructor(parts: Parts, pool: Pool, store: BlockStore) {
    this.#parts = parts;
    this.#pool = pool;
    this.#store = store;
    this.#prepared = parts.repeated?.prepared;
    try {
      parts.program.builder.buffers.forEach((buffer, id) => {
        if (buffer.kind === "constant") this.#constants.set(id, store.filled(buffer.data));
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
    const { program, reusable, graph, repeated } = this.#parts;
    const { builder, results } = program;
    const { arena } = this.#store;
    const given = inputs.map((input) => this.#store.of(input).block);
    const prepared = this.#prepared;
    const isPrepared = prepared?.isFor(given) ?? false;
    const encoded = isPrepared && repeated ? repeated.encoded : this.#parts.encoded;
    const { plan } = (prepared && repeated) ?? this.#parts;
    const kept = prepared?.blocks();
    const made = new Map<number, Block>();
    const workspace = plan.bytes > 0 ? arena.allocate(plan.bytes) : 0;
    let taken = false;
    let launched = false;
    const giveBack = (): void => {
      if (plan.bytes > 0) arena.free(workspace);
    };
    try {
      const blockOf = (id: number): Block => {
        const buffer = at(builder.buffers, id);
        if (buffer.kind === "input") return at(given, buffer.index);
        const known = buffer.kind === "constant" ? this.#constants.get(id) : (kept?.get(id) ?? made.get(id));
        if (known) return known;
        const reused = reusable.get(id);
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
        buffer.kind === "local" && !made.has(id) && !kept?.has(id)
          ? workspace + at(plan.offsets, id)
          : blockOf(id).address,
      );
      const blocks = [...given, ...this.#constants.values(), ...(kept?.values() ?? []), ...made.values()];
      this.#pool.reserveScratch(encoded.scratchBytes);
      const address = arena.allocate(encoded.words.byteLength);
      taken = true;
      const launch = {
        words: place(encoded, address, addresses),
        address,
        records: encoded.records,
        scratchBytes: encoded.scratchBytes,
        end: Math.max(address + encoded.words.byteLength, workspace + plan.bytes, ...blocks.map((block) => block.end)),
        needs: blocks.flatMap(({ filledBy }) => (filledBy > 0 ? [filledBy] : [])),
      };
      if (!isPrepared) prepared?.begin();
      const ticket = this.#pool.launch(launch, () => {
        arena.free(address);
        giveBack();
      });
      launched = true;
      if (!isPrepared) {
        for (const block of kept?.values() ?? []) block.filledBy = ticket;
        prepared?.done(given);
      }
      for (const block of made.values()) {
        block.filledBy = ticket;
        block.writes++;
      }
      const values = resultValues(graph);
      return outputs.map((block, index) => this.#store.wrap(at(graph.values, at(values, index)), block.retain()));
    } finally {
      if (!taken) giveBack();
      if (launched) for (const index of donated) this.#store.free(at(inputs, index)); // a run that throws takes nothing over
      for (const block of made.values()) block.release();
    }
  }

  /** What it is made of, for those who look into it: insight/. */
  open(): Opened {
    return { ...this.#parts, pool: this.#pool, store: this.#store };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pool.release(this.#parts.program.builder.steps.map((step) => step.kernel));
    this.#prepared?.release();
    this.#freeConstants();
  }

  #freeConstants(): void {
    for (const block of this.#constants.values()) block.release();
    this.#constants.clear();
  }
}

/** The program's words with the addresses of this run. */
export function place(
  { words: template, addresses, own }: EncodedProgram,
  program: number,
  buffers: readonly number[],
): Int32Array<ArrayBuffer> {
  const words = template.slice();
  for (const word of own) words[word] = (words[word] ?? 0) + program;
  for (let pair = 0; pair < addresses.length; pair += 2) {
    const word = at(addresses, pair);
    words[word] = (words[word] ?? 0) + at(buffers, at(addresses, pair + 1));
  }
  return words;
}
