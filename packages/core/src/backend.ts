// The backend contract: seven methods, or a kernel table given to fromKernels().
import type { Aval } from "./tensor/aval.ts";
import type { DType, TypedArray } from "./tensor/dtype.ts";
import type { Graph } from "./graph/graph.ts";
import type { Attrs, Op } from "./op.ts";

/** The version of this contract. A backend states the one it was written for; another major version is refused. */
export const contractVersion = 1;

/**
 * A buffer on a device: opaque to core, usable before it is filled. A backend returns objects of its own class that implement this.
 * The layout inside is the backend's own; `download` gives row-major data.
 */
export interface DeviceBuffer {
  readonly aval: Aval;
}

/** A node with its shapes, as `supports` and `execute` see it. */
export interface NodeSpec {
  readonly op: Op;
  readonly attrs: Attrs;
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
}

export interface Capabilities {
  /** float32, int32 and bool at least. float16 is stored, moved and cast. Core refuses tensors of others with an error that names the backend. */
  readonly dtypes: readonly DType[];
  /** Whether `execute` runs single ops. Where false, core runs them as one-node graphs. */
  readonly eager: boolean;
}

export interface BackendLost {
  readonly reason: string;
}

export interface MemoryUse {
  /**
   * Live bytes and buffers that `upload`, `execute` and `run` handed out and `free` did not take back. A buffer that was handed out twice may count
   * once or twice, but what is all given back counts nothing.
   */
  readonly bytes: number;
  readonly buffers: number;
}

export interface Executable {
  /**
   * Enqueues one run. `inputs` follow `graph.inputs`. Returns one buffer for each of `resultValues(graph)`, each with an owner of its own
   * (a buffer returned twice is counted twice). `donated` lists positions of inputs whose buffers the run takes over: it reuses or frees
   * them, and they are never touched by core again. Other inputs are never written. A run that throws (memory that cannot be had, a buffer that is not
   * its own) took nothing over and wrote nothing: core gives the donated buffers back to those who had them. What fails later poisons the outputs.
   */
  run(inputs: readonly DeviceBuffer[], donated: readonly number[]): DeviceBuffer[];
  /** Gives back what the program holds; runs that were enqueued still end. */
  dispose(): void;
}

/** What executes graphs. See docs/design.md for the reasons, `@stria/core/reference` for the smallest complete example. */
export interface Backend {
  readonly name: string;
  readonly contractVersion: number;
  readonly capabilities: Capabilities;
  /** Resolves when the device is gone (a lost GPU, a dead worker); stays pending while it is well. */
  readonly lost: Promise<BackendLost>;
  /** Copies `data` (row-major) before it returns. */
  upload(data: TypedArray, aval: Aval): DeviceBuffer;
  /** The only read-back: row-major data. Rejects with the error of the run that should have filled the buffer. */
  download(buffer: DeviceBuffer): Promise<TypedArray>;
  /** Gives one owner's share of the memory back; the buffer is not used again by that owner. */
  free(buffer: DeviceBuffer): void;
  /** What is live now. */
  memory(): MemoryUse;
  /** Whether `compile` and `execute` take this node as it is; else core decomposes it. Attributes and shapes included. */
  supports(node: NodeSpec): boolean;
  /** Makes a graph runnable. Rejects with what is at fault, before anything has run. */
  compile(graph: Graph): Promise<Executable>;
  /**
   * Gives everything back: threads, device, memory. From then on `upload`, `download`, `compile`, `execute` and `run` of its programs refuse with a
   * BackendError; `free` and the `dispose` of programs, which tidy up, do not.
   */
  dispose(): void;
  /** Whether `execute` takes this node at once; what it does not goes through `compile`. Without this method it takes what `supports` does. */
  executes?(node: NodeSpec): boolean;
  /** Runs one op now, where `capabilities.eager` says so: one buffer for each output. */
  execute?(node: NodeSpec, inputs: readonly DeviceBuffer[]): DeviceBuffer[];
}

/** Ops that every backend runs, for all attributes and shapes that `infer` accepts, float32 and int32 where the op takes them. */
export const requiredOps = [
  "abs",
  "add",
  "argMax",
  "broadcastTo",
  "cast",
  "concat",
  "conv",
  "convTranspose",
  "cos",
  "div",
  "equal",
  "erf",
  "exp",
  "flip",
  "floor",
  "full",
  "iota",
  "less",
  "lessEqual",
  "log",
  "logicalAnd",
  "logicalNot",
  "matmul",
  "max",
  "maximum",
  "maxPool",
  "minimum",
  "mul",
  "neg",
  "pad",
  "pow",
  "prod",
  "reshape",
  "sign",
  "sin",
  "slice",
  "sqrt",
  "sub",
  "sum",
  "tanh",
  "transpose",
  "where",
] as const;

export type RequiredOp = (typeof requiredOps)[number];
