// A whole backend from a table of kernels: this gives it compile (legalise, liveness, a linear program of run and free), eager mode and accounting.
import { type Aval, at, byteSize, showAval } from "./tensor/aval.ts";
import {
  type Backend,
  type BackendLost,
  type DeviceBuffer,
  type Executable,
  type NodeSpec,
  type RequiredOp,
  contractVersion,
} from "./backend.ts";
import { type DType, type TypedArray, isOutOfHostMemory } from "./tensor/dtype.ts";
import { BackendError } from "./errors.ts";
import { type Graph, resultValues } from "./graph/graph.ts";
import { legalise } from "./passes/legalise.ts";
import { specOf } from "./graph/spec-of.ts";
import { liveness } from "./passes/liveness.ts";

/** Runs one node: device data in, new device data out, one for each output. Inputs are never written, and never returned. */
export type Kernel<D> = (inputs: readonly D[], node: NodeSpec) => readonly D[];

/** A kernel for every required op, and any optional ones. The compiler names what is missing. */
export type KernelTable<D> = { readonly [Name in RequiredOp]: Kernel<D> } & { readonly [name: string]: Kernel<D> };

export interface KernelBackend<D> {
  readonly name: string;
  readonly dtypes: readonly DType[];
  readonly kernels: KernelTable<D>;
  /** Copies row-major data to the device before it returns. */
  upload(data: TypedArray, value: Aval): D;
  /** Row-major data from the device. */
  download(data: D, value: Aval): Promise<TypedArray>;
  /** Nobody uses `data` again. */
  free(data: D): void;
  /** What a kernel's table entry does not take after all. Default: everything in the table is taken. */
  supports?(node: NodeSpec): boolean;
  readonly lost?: Promise<BackendLost>;
  /** Gives the device back. */
  dispose?(): void;
}

/** A buffer of such a backend: device data, counted, since one value may be handed out twice. */
class Handle<D> implements DeviceBuffer {
  readonly aval: Aval;
  readonly data: D;
  owners = 1;
  constructor(value: Aval, data: D) {
    this.aval = value;
    this.data = data;
  }
}

/** Makes a backend of kernels. @example export const mine = (): Backend => fromKernels({ name: "mine", kernels, ... }); */
export function fromKernels<D>(rules: KernelBackend<D>): Backend {
  const { name, kernels } = rules;
  const handles = new WeakMap<DeviceBuffer, Handle<D>>();
  let bytes = 0;
  let buffers = 0;
  let disposed = false;

  const checkAlive = (): void => {
    if (disposed)
      throw new BackendError(
        `backend "${name}"`,
        "it was disposed of",
        "make another backend, and give it to useBackend(...)",
      );
  };
  const wrap = (value: Aval, data: D): Handle<D> => {
    const handle = new Handle(value, data);
    handles.set(handle, handle);
    bytes += byteSize(value);
    buffers++;
    return handle;
  };
  const handleOf = (buffer: DeviceBuffer): Handle<D> => {
    const handle = handles.get(buffer);
    if (!handle || handle.owners <= 0)
      throw new BackendError(
        `backend "${name}"`,
        "a buffer is not its own, or was freed",
        "pass only live buffers that this backend returned",
      );
    return handle;
  };
  const free = (buffer: DeviceBuffer): void => {
    const handle = handleOf(buffer);
    if (--handle.owners > 0) return;
    bytes -= byteSize(handle.aval);
    buffers--;
    rules.free(handle.data);
  };
  const share = (handle: Handle<D>): Handle<D> => {
    handle.owners++;
    return handle;
  };
  const supports = (node: NodeSpec): boolean =>
    Object.hasOwn(kernels, node.op.name) &&
    [...node.inputs, ...node.outputs].every((value) => rules.dtypes.includes(value.dtype)) &&
    (rules.supports?.(node) ?? true);
  /** An array that JavaScript cannot allocate says neither how much was asked for nor what there is. */
  const withMemory = <T>(subject: string, asked: readonly Aval[], make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (!isOutOfHostMemory(error)) throw error;
      const wanted = asked.reduce((sum, value) => sum + byteSize(value), 0);
      throw new BackendError(
        subject,
        `backend "${name}" is out of memory: ${wanted} bytes were asked for (${asked.map(showAval).join(", ")}), ${bytes} bytes are live in ${buffers} buffers`,
        "use a smaller batch or model; trackAllocations(true) and memoryReport() say who holds what",
        { cause: error },
      );
    }
  };
  const runNode = (node: NodeSpec, inputs: readonly Handle<D>[]): Handle<D>[] => {
    const kernel = kernels[node.op.name];
    if (!kernel) throw new BackendError(node.op.name, `backend "${name}" has no kernel for it`, "call legalise before");
    const outputs = withMemory(node.op.name, node.outputs, () =>
      kernel(
        inputs.map((input) => input.data),
        node,
      ),
    );
    return node.outputs.map((value, index) => wrap(value, at(outputs, index)));
  };

  const compile = (graph: Graph): Executable => {
    const { graph: legal } = legalise(graph, supports, `backend "${name}"`);
    const specs = legal.nodes.map((node) => specOf(legal, node));
    const { deadAfter } = liveness(legal);
    const constants = legal.constants.map(({ value, data }) => ({
      value,
      handle: wrap(at(legal.values, value), rules.upload(data, at(legal.values, value))),
    }));
    return {
      run(inputs, donated) {
        checkAlive();
        // Every value holds one ownership of its handle, given up when it dies; results keep theirs.
        const live = new Map<number, Handle<D>>();
        const given = legal.inputs.map((_, index) => handleOf(at(inputs, index)));
        for (const [index, { value }] of legal.inputs.entries()) {
          const handle = at(given, index);
          live.set(value, share(handle));
        }
        for (const { value, handle } of constants) live.set(value, share(handle));
        const of = (value: number): Handle<D> => {
          const handle = live.get(value);
          if (!handle)
            throw new BackendError(
              `backend "${name}"`,
              `value ${value} is not there`,
              "report this as a bug of the graph's passes",
            );
          return handle;
        };
        try {
          for (const [index, node] of legal.nodes.entries()) {
            const outputs = runNode(at(specs, index), node.inputs.map(of));
            for (const [position, value] of node.outputs.entries()) live.set(value, at(outputs, position));
            for (const value of at(deadAfter, index)) {
              free(of(value));
              live.delete(value);
            }
          }
          const results = resultValues(legal).map((value) => share(of(value)));
          // Given up at the end, since a run that throws must have taken nothing over.
          for (const index of donated) free(at(given, index));
          return results;
        } finally {
          for (const handle of live.values()) free(handle);
        }
      },
      dispose() {
        for (const { handle } of constants) free(handle);
        constants.length = 0;
      },
    };
  };

  return {
    name,
    contractVersion,
    capabilities: { dtypes: rules.dtypes, eager: true },
    lost: rules.lost ?? new Promise<BackendLost>(() => {}),
    upload: (data, value) => {
      checkAlive();
      return wrap(
        value,
        withMemory("upload", [value], () => rules.upload(data, value)),
      );
    },
    download: async (buffer) => {
      checkAlive();
      const handle = handleOf(buffer);
      return rules.download(handle.data, handle.aval);
    },
    free,
    memory: () => ({ bytes, buffers }),
    supports,
    compile: async (graph) => {
      checkAlive();
      return compile(graph);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      rules.dispose?.();
    },
    execute(node, inputs) {
      checkAlive();
      return runNode(node, inputs.map(handleOf));
    },
  };
}
