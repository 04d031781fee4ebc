// Backends for tests: the reference, with less, slower or broken.
import { type Backend, type Executable, type Graph, requiredOps } from "../../src/index.ts";
import { fromKernels } from "../../src/backends.ts";
import type { TypedArray } from "../../src/tensor/dtype.ts";
import { dtypes } from "../../src/tensor/dtype.ts";
import { references, reference } from "../../src/reference/index.ts";

/** The reference without optional ops: everything else is decomposed. */
export function requiredOnly(): Backend {
  const names: readonly string[] = requiredOps;
  return fromKernels<TypedArray>({
    name: "required",
    dtypes,
    kernels: references,
    supports: ({ op }) => names.includes(op.name),
    upload: (data) => data.slice(),
    download: async (data) => data.slice(),
    free: () => {},
  });
}

/** A backend that runs whole graphs only and takes `milliseconds` to compile each. `log` lists what was compiled and run. */
export function slow(milliseconds = 5): { backend: Backend; log: string[] } {
  const inner = reference();
  const log: string[] = [];
  const backend: Backend = {
    name: "slow",
    contractVersion: inner.contractVersion,
    capabilities: { ...inner.capabilities, eager: false },
    lost: inner.lost,
    upload: (data, aval) => inner.upload(data, aval),
    download: (buffer) => inner.download(buffer),
    free: (buffer) => inner.free(buffer),
    memory: () => inner.memory(),
    supports: (node) => inner.supports(node),
    dispose: () => inner.dispose(),
    async compile(graph) {
      const name = graph.nodes.map(({ op }) => op.name).join(" ");
      log.push(`compile ${name}`);
      await new Promise((done) => setTimeout(done, milliseconds));
      const executable = await inner.compile(graph);
      return {
        run(inputs, donated) {
          log.push(`run ${name}`);
          return executable.run(inputs, donated);
        },
        dispose: () => executable.dispose(),
      };
    },
  };
  return { backend, log };
}

export interface Faults {
  /** What the next compilation throws. */
  compile?: Error | undefined;
  /** What the next run throws, before it has taken anything over. */
  before?: Error | undefined;
  /** Whether the next run takes over (and frees) what was donated, and then breaks the contract: it returns nothing. */
  after?: boolean | undefined;
  /** What the next run's results turn out to be poisoned with, once they are read. */
  late?: Error | undefined;
}

/** The reference, whose runs fail as `faults` says. `donations` lists what each run was given to take over. */
export function faulty(): { backend: Backend; faults: Faults; donations: number[][] } {
  const inner = reference();
  const faults: Faults = {};
  const donations: number[][] = [];
  const poisoned = new WeakMap<object, Error>();
  const backend: Backend = {
    ...inner,
    async download(buffer) {
      const error = poisoned.get(buffer);
      if (error) throw error;
      return inner.download(buffer);
    },
    async compile(graph: Graph): Promise<Executable> {
      const fault = faults.compile;
      faults.compile = undefined;
      if (fault) throw fault;
      const executable = await inner.compile(graph);
      return {
        run(inputs, donated) {
          donations.push([...donated]);
          const { before, after } = faults;
          faults.before = undefined;
          faults.after = false;
          const { late } = faults;
          faults.late = undefined;
          if (before) throw before;
          const outputs = executable.run(inputs, donated);
          if (late || inputs.some((input) => poisoned.has(input)))
            for (const output of outputs) poisoned.set(output, late ?? new Error("an input was poisoned"));
          if (!after) return outputs;
          for (const output of outputs) inner.free(output);
          return [];
        },
        dispose: () => executable.dispose(),
      };
    },
  };
  return { backend, faults, donations };
}
