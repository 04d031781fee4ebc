// The backend itself: kernels emitted as WebAssembly SIMD, run on a pool of threads over one shared memory.
import {
  type Aval,
  type Backend,
  BackendError,
  type BackendLost,
  type Capabilities,
  contractVersion,
  type DeviceBuffer,
  type Executable,
  type Graph,
  type MemoryUse,
  type NodeSpec,
  sizeOf,
  specOf,
  type TypedArray,
} from "@stria/core";
import { engineFeatures } from "./engine.ts";
import { rareOps } from "./loops/expression.ts";
import { algorithmNames, type Algorithms } from "./program/channels-last/algorithms.ts";
import { isExpressionOp, reductionOps, viewOps } from "./program/classify.ts";
import { build, type CpuExecutable, type Fitting } from "./program/executable.ts";
import { plainTile, type Tile, tileOf } from "./kernels/tile.ts";
import { decompositions, movement, normalisation, prediction } from "./parts/index.ts";
import { missingParts } from "./parts/part.ts";
import { concatenates } from "./program/layout.ts";
import { lower, type LowerOptions } from "./program/lower.ts";
import type { Order } from "./program/order.ts";
import { nothing, type Without } from "./program/passes.ts";
import { lowerings } from "./program/lowerings/index.ts";
import { takesCrossEntropy } from "./program/lowerings/cross-entropy.ts";
import { type Gathering, kernelsOf } from "./program/steps.ts";
import { keepsPreparation } from "./program/parameters.ts";
import { maskedPooling } from "./program/masked-pooling.ts";
import { takesSoftmax } from "./program/lowerings/takes-softmax.ts";
import { BlockStore } from "./memory/buffer.ts";
import { atOnce, inOneGo, inTurns, type Pieces, withoutWaiting } from "./pieces.ts";
import { mostThreads } from "./pool/layout.ts";
import { Pool } from "./pool/pool.ts";
import { availableThreads, isPageThread } from "./pool/workers.ts";
import type { Tunings } from "./tuning/answers.ts";
import type { Tuner } from "./tuning/tuner.ts";

export interface CpuOptions {
  /** Threads to compute on. Default: as many as the machine runs at once. Always 1 where there is no shared memory. */
  readonly threads?: number;
  /**
   * Whether only workers compute, so that the calling thread stays free. Default: true on the thread of a page, else false: there the calling thread
   * computes too. With false a page computes on its own thread alone, and stands still meanwhile.
   */
  readonly worker?: boolean;
  /** The same bits for the same input on every machine: no fused multiply-add, nothing chosen by timing. Default false. */
  readonly deterministic?: boolean;
  /** In which order images lie between convolutions: their channels side by side, or plane by plane. Results differ by rounding. Default "channels-last". */
  readonly layout?: "channels-last" | "row-major";
  /**
   * With "direct", convolutions are computed as they are defined. Default "all": where channels lie side by side and it is faster, 3 x 3 convolutions and
   * their gradients go through Winograd's minimal filtering (Lavin and Gray, 2016), whose largest error is below 1e-4 of the root mean square of the result.
   * The name of an algorithm, such as "packed", has it wherever it can compute: for tests, and for those who look for a fault.
   */
  readonly algorithms?: Algorithms;
  /**
   * Measure what is fastest on this engine and processor instead of choosing by rules: how matrices are multiplied, for some tenths of a second when the
   * first backend starts, and by which algorithm each convolution is computed, for as long when a graph with a new shape is compiled. The answers are kept
   * in the process; `tunings()` returns them for another one, which measures only what they lack. Not together with `deterministic`. Default false.
   */
  readonly tune?: boolean | Tunings;
  /**
   * Bytes that a run of one compiled program, or a single op called at once, may take, from what it is given to its results (`explain` tells them). Where that is more, cheap values are
   * computed again instead of being kept, and then whole parts of a network, until it fits; it takes longer so. Where nothing is enough, compiling fails
   * with a BackendError that says the least that a run takes. Default: no limit.
   */
  readonly memoryLimit?: number;
}

/** What all programs of a backend have in common. */
type Choices = Omit<LowerOptions, "threads">;

/** What is loaded only when it is asked for. */
interface Extras {
  readonly tunerFor?: ((store: BlockStore) => Tuner) | undefined;
  readonly fitting?: Fitting | undefined;
  /** Passes that are left out. */
  readonly without?: Without | undefined;
  /** Where sums are gathered by those who write what is summed up, for tests. */
  readonly gathering?: Gathering | undefined;
}

/** Single ops that stay compiled. */
const cachedOps = 512;

export class CpuBackend implements Backend {
  readonly name = "cpu";
  readonly contractVersion: number = contractVersion;
  readonly capabilities: Capabilities = { dtypes: ["float32", "int32", "uint8", "bool", "float16"], eager: true };
  readonly lost: Promise<BackendLost>;
  readonly #pool: Pool;
  readonly #store: BlockStore;
  readonly #choices: Choices;
  readonly #ops = new Map<string, CpuExecutable>();
  readonly #tuner: Tuner | undefined;
  readonly #fitting: Fitting | undefined;

  constructor(
    pool: Pool,
    tile: Tile,
    layout: Order = "channels-last",
    algorithms: Algorithms = "all",
    { tunerFor, fitting, without = nothing, gathering }: Extras = {},
  ) {
    this.#pool = pool;
    this.#store = new BlockStore(pool);
    this.#tuner = tunerFor?.(this.#store);
    this.#fitting = fitting;
    this.#choices = { tile, layout, algorithms, measured: this.#tuner?.measured, without, gathering };
    this.lost = pool.lost.then((reason) => ({ reason }));
  }

  upload(data: TypedArray, aval: Aval): DeviceBuffer {
    this.#pool.checkAlive();
    if (data.length !== sizeOf(aval.shape))
      throw new BackendError(
        "backend-cpu",
        `${data.length} elements were given for a shape of ${sizeOf(aval.shape)}`,
        "give one element for each place",
      );
    return this.#store.wrap(aval, this.#store.filled(data));
  }

  async download(buffer: DeviceBuffer): Promise<TypedArray> {
    const { aval, block } = this.#store.of(buffer);
    block.retain();
    try {
      return await this.#pool.read(block.address, aval.dtype, sizeOf(aval.shape), block.filledBy);
    } finally {
      block.release();
    }
  }

  free(buffer: DeviceBuffer): void {
    this.#store.free(buffer);
  }

  memory(): MemoryUse {
    return { bytes: this.#store.bytes, buffers: this.#store.buffers };
  }

  supports(node: NodeSpec): boolean {
    const { op } = node;
    if (op.name === "softmax") return takesSoftmax(node);
    if (op.name.startsWith("softmaxCrossEntropy")) return takesCrossEntropy(node);
    return (
      isExpressionOp(op.name) ||
      viewOps.has(op.name) ||
      reductionOps.has(op.name) ||
      lowerings.has(op.name) ||
      op.name === "full"
    );
  }

  async compile(graph: Graph): Promise<Executable> {
    this.#pool.checkAlive();
    // Predictions need this part in any case: it comes while they are lowered.
    if (keepsPreparation(graph)) prediction.load().catch(() => {}); // who has to wait for it hears of it
    if (this.#tuner) await this.#tuner.measure(await inOneGo(this.#legal(graph)));
    const work = this.#build(graph);
    return this.#pool.inline ? inOneGo(work) : inTurns(work);
  }

  /** Whether all code for a node is there. */
  executes(node: NodeSpec): boolean {
    if (!this.supports(node)) return false;
    // Most loops over elements are always there.
    if ((!lowerings.has(node.op.name) && !isRare(node)) || this.#ops.has(keyOf(node))) return true;
    const program = withoutWaiting(lower(graphOf(node), { ...this.#choices, threads: this.#pool.threads }));
    return program !== undefined && missingParts(kernelsOf(program.builder.steps)).length === 0;
  }

  execute(node: NodeSpec, inputs: readonly DeviceBuffer[]): DeviceBuffer[] {
    const key = keyOf(node);
    let executable = this.#ops.get(key);
    if (executable) this.#ops.delete(key);
    else executable = atOnce(build(graphOf(node), this.#pool, this.#store, this.#choices, this.#fitting));
    this.#ops.set(key, executable);
    if (this.#ops.size > cachedOps)
      for (const [oldest, old] of this.#ops) {
        this.#ops.delete(oldest);
        old.dispose();
        break;
      }
    return executable.run(inputs, []);
  }

  *#legal(graph: Graph): Pieces<Graph> {
    const joins = !this.#choices.without?.has("partStatistics") && concatenates(graph);
    const shared = joins ? (yield* movement.wait()).partStatistics(graph) : graph;
    const normalises =
      this.#choices.layout === "channels-last" && graph.nodes.some(({ op }) => op.name === "batchNormTraining");
    const joined =
      normalises && !this.#choices.without?.has("moments")
        ? (yield* normalisation.wait()).joinedMoments(shared)
        : shared;
    const masked = this.#choices.without?.has("maskedPooling") ? joined : maskedPooling(joined);
    const folds =
      this.#choices.layout === "channels-last" &&
      !this.#choices.without?.has("foldedFlatten") &&
      keepsPreparation(graph);
    const folded = folds ? (yield* prediction.wait()).foldedFlatten(masked) : masked;
    const supports = (node: NodeSpec): boolean => this.supports(node);
    if (folded.nodes.every((node) => supports(specOf(folded, node)))) return folded;
    return (yield* decompositions.wait()).legalise(folded, supports, "backend-cpu").graph;
  }

  *#build(graph: Graph): Pieces<CpuExecutable> {
    const legal = yield* this.#legal(graph);
    yield;
    return yield* build(legal, this.#pool, this.#store, this.#choices, this.#fitting);
  }

  dispose(): void {
    for (const executable of this.#ops.values()) executable.dispose();
    this.#ops.clear();
    this.#pool.dispose();
  }
}

function keyOf({ op, attrs, inputs, outputs }: NodeSpec): string {
  // JSON has no infinities, NaN or -0.
  const exact = (_: string, value: unknown): unknown =>
    typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
      ? Object.is(value, -0)
        ? "-0"
        : String(value)
      : value;
  return `${op.name} ${JSON.stringify([attrs, inputs, outputs], exact)}`;
}

/** Whether an elementwise op takes functions that are loaded on demand. */
function isRare({ op, inputs, outputs }: NodeSpec): boolean {
  return rareOps.has(op.name) || [...inputs, ...outputs].some(({ dtype }) => dtype === "float16");
}

function graphOf({ op, attrs, inputs, outputs }: NodeSpec): Graph {
  const results = outputs.map((_, index) => inputs.length + index);
  return {
    values: [...inputs, ...outputs],
    inputs: inputs.map((_, value) => ({ value, role: "data", name: `input${value}` })),
    nodes: [{ op, attrs, inputs: inputs.map((_, value) => value), outputs: results }],
    constants: [],
    outputs: results.map((value, index) => ({ value, name: `output${index}` })),
    writebacks: [],
  };
}

/**
 * The CPU backend. `await useBackend(cpu())`.
 * @throws BackendError where an option has no such value, where the engine has no WebAssembly SIMD, and where workers or WebAssembly are forbidden by a content security policy.
 */
export async function cpu({
  threads = Math.min(mostThreads, availableThreads()),
  worker = isPageThread(),
  deterministic = false,
  layout = "channels-last",
  algorithms = "all",
  tune = false,
  memoryLimit,
}: CpuOptions = {}): Promise<Backend> {
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw new BackendError("backend-cpu", `threads is ${threads}`, `use a whole number from 1 to ${mostThreads}`);
  const known = ["all", "direct", ...algorithmNames];
  if (!known.includes(algorithms))
    throw new BackendError(
      "backend-cpu",
      `algorithms is ${algorithms}`,
      `use ${known.map((name) => `"${name}"`).join(", ")}`,
    );
  if (tune !== false && deterministic)
    throw new BackendError(
      "backend-cpu",
      "both tune and deterministic are asked for",
      "leave out one of them: in deterministic mode nothing is chosen by measuring",
    );
  if (memoryLimit !== undefined && !(memoryLimit > 0))
    throw new BackendError("backend-cpu", `memoryLimit is ${memoryLimit}`, "give it bytes, or leave it out");
  const features = engineFeatures();
  if (!features.simd)
    throw new BackendError(
      "backend-cpu",
      "this engine has no WebAssembly SIMD",
      "use a current browser, or Node 20 or later",
    );
  const tuning = tune === false ? undefined : await import("./tuning/tuner.ts");
  if (tuning && typeof tune === "object") tuning.adopt(tune);
  const tile = deterministic ? plainTile : ((await tuning?.tunedTile(worker)) ?? tileOf(features));
  const pool = await Pool.start({ threads, shared: features.threads, worker });
  const tunerFor = tuning && ((store: BlockStore) => new tuning.Tuner(pool, store, { tile, algorithms }));
  const fitting =
    memoryLimit === undefined ? undefined : { limit: memoryLimit, fit: (await import("./fitting/fit.ts")).fit };
  return new CpuBackend(pool, tile, layout, algorithms, { tunerFor, fitting });
}
