// Wrong lives of buffers and programs: the reference behind a wrapper that breaks one promise.
import { type Backend, type DeviceBuffer, type Executable, type Graph, at, byteSize, resultValues } from "@stria/core";
import { reference } from "@stria/core/reference";

type Run = Executable["run"];

/** Programs whose runs are changed. */
function withRun(
  change: (inner: Backend, run: Run, graph: Graph) => Run,
  compiled?: (inner: Backend, graph: Graph) => Graph,
): () => Backend {
  return () => {
    const inner = reference();
    return {
      ...inner,
      compile: async (graph) => {
        const program = await inner.compile(compiled?.(inner, graph) ?? graph);
        return {
          run: change(inner, (inputs, donated) => program.run(inputs, donated), graph),
          dispose: () => program.dispose(),
        };
      },
    };
  };
}

function withParts(parts: (inner: Backend) => Partial<Backend>): () => Backend {
  return () => {
    const inner = reference();
    return { ...inner, ...parts(inner) };
  };
}

/** A cache of graphs by a key that forgets something. */
function staleCache(keyOf: (graph: Graph) => string): () => Backend {
  return () => {
    const inner = reference();
    const known = new Map<string, Graph>();
    return {
      ...inner,
      compile: (graph) => {
        const key = keyOf(graph);
        const first = known.get(key) ?? graph;
        known.set(key, first);
        return inner.compile(first);
      },
    };
  };
}

const structure = ({ values, nodes, outputs, writebacks }: Graph, attrs: boolean): string =>
  JSON.stringify([
    values,
    nodes.map((node) => [node.op.name, node.inputs, attrs ? node.attrs : 0]),
    outputs,
    writebacks,
  ]);

/** What each mutant is, the backend, and the check that has to catch it. */
export const lifeMutants: Readonly<Record<string, readonly [() => Backend, caughtBy: string]>> = {
  "a buffer is leaked in every run": [
    withRun((inner, run) => (inputs, donated) => {
      inner.upload(Float32Array.of(1), { shape: [1], dtype: "float32" });
      return run(inputs, donated);
    }),
    "training: a step leaves nothing behind",
  ],
  "free does nothing": [withParts(() => ({ free: () => {} })), "lifetime: every result has an owner"],
  "memory() forgets uploads": [
    withParts((inner) => {
      let uploaded = 0;
      return {
        upload: (data, aval) => {
          uploaded += byteSize(aval);
          return inner.upload(data, aval);
        },
        memory: () => ({ bytes: inner.memory().bytes - uploaded, buffers: inner.memory().buffers }),
      };
    }),
    "lifetime",
  ],
  "a donated input is kept": [
    withRun((_, run) => (inputs) => run(inputs, [])),
    "lifetime: a donated input is taken over",
  ],
  "a run that throws has freed what it was given": [
    withRun((inner, run) => (inputs, donated) => {
      try {
        return run(inputs, donated);
      } catch (error) {
        for (const index of donated) inner.free(at(inputs, index));
        throw error;
      }
    }),
    "lifetime: a run that throws",
  ],
  "every input is taken over": [
    withRun(
      (_, run) => (inputs) =>
        run(
          inputs,
          [...new Set(inputs)].map((input) => inputs.indexOf(input)),
        ),
    ),
    "lifetime: a donated input is taken over",
  ],
  "results that share a value share one owner": [
    withRun((inner, run) => (inputs, donated) => {
      const results = run(inputs, donated);
      for (const [index, result] of results.entries()) if (results.indexOf(result) < index) inner.free(result);
      return results;
    }),
    "lifetime: every result has an owner",
  ],
  "an input is overwritten": [
    () => {
      const inner = reference();
      const written = new WeakSet<DeviceBuffer>();
      return {
        ...inner,
        download: async (buffer) =>
          written.has(buffer) ? (await inner.download(buffer)).fill(0) : inner.download(buffer),
        compile: async (graph) => {
          const program = await inner.compile(graph);
          return {
            run: (inputs, donated) => {
              for (const input of inputs) written.add(input);
              return program.run(inputs, donated);
            },
            dispose: () => program.dispose(),
          };
        },
      };
    },
    "required op: add",
  ],
  "outputs and writebacks are in the other order": [
    withRun((_, run, graph) => (inputs, donated) => {
      const results = run(inputs, donated);
      return [...results.slice(graph.outputs.length), ...results.slice(0, graph.outputs.length)];
    }),
    "training: a small network learns",
  ],
  "writebacks give the old value": [
    withRun(
      (_, run) => run,
      (_, graph) => ({ ...graph, writebacks: graph.writebacks.map(({ to }) => ({ from: to, to })) }),
    ),
    "training: a small network learns",
  ],
  "a run returns the results of the run before": [
    withRun((inner, run) => {
      let last: DeviceBuffer[] | undefined;
      return (inputs, donated) => {
        const results = run(inputs, donated);
        const given = last ?? results;
        if (last) for (const result of results) inner.free(result);
        last = given;
        return given;
      };
    }),
    "programs: each run gives the answer of its own",
  ],
  "programs of one structure share attributes": [
    staleCache((graph) => structure(graph, false)),
    "programs: programs that differ in an attribute",
  ],
  "programs of one structure share constants": [
    staleCache((graph) => structure(graph, true)),
    "programs: two programs at once",
  ],
  "runs happen in the other order": [
    withRun((inner, run) => {
      let waiting: readonly DeviceBuffer[] | undefined;
      return (inputs, donated) => {
        const earlier = waiting;
        waiting = inputs;
        if (!earlier || donated.length > 0) return run(inputs, donated);
        try {
          return run(earlier, []);
        } catch {
          return run(inputs, donated);
        }
      };
    }),
    "programs: each run gives the answer of its own",
  ],
  "a program's end takes its results along": [
    () => {
      const inner = reference();
      return {
        ...inner,
        compile: async (graph) => {
          const program = await inner.compile(graph);
          let results: DeviceBuffer[] = [];
          return {
            run: (inputs, donated) => (results = program.run(inputs, donated)),
            dispose: () => {
              for (const result of results) {
                try {
                  inner.free(result);
                } catch {
                  // It was freed before.
                }
              }
              program.dispose();
            },
          };
        },
      };
    },
    "lifetime: constants outlive the runs",
  ],
  "the last result is missing": [
    withRun((_, run) => (inputs, donated) => run(inputs, donated).slice(0, -1)),
    "lifetime: every result",
  ],
  "upload keeps the caller's array": [
    () => {
      const inner = reference();
      const kept = new WeakMap<DeviceBuffer, Parameters<Backend["upload"]>[0]>();
      return {
        ...inner,
        upload: (data, aval) => {
          const buffer = inner.upload(data, aval);
          kept.set(buffer, data);
          return buffer;
        },
        download: async (buffer) => kept.get(buffer)?.slice() ?? inner.download(buffer),
      };
    },
    "contract: upload copies",
  ],
  "download gives its own memory": [
    () => {
      const inner = reference();
      const read = new WeakMap<DeviceBuffer, ReturnType<Backend["download"]>>();
      return {
        ...inner,
        download: (buffer) => {
          const data = read.get(buffer) ?? inner.download(buffer);
          read.set(buffer, data);
          return data;
        },
      };
    },
    "contract: upload copies",
  ],
  "freeing twice is accepted": [
    withParts((inner) => ({
      free: (buffer) => {
        try {
          inner.free(buffer);
        } catch {
          // Nobody hears of it.
        }
      },
    })),
    "contract: a freed buffer",
  ],
  "a failed run gives zeros": [
    withRun((inner, run, graph) => (inputs, donated) => {
      try {
        return run(inputs, donated);
      } catch {
        return resultValues(graph).map((value) => inner.upload(Float32Array.of(0, 0, 0), at(graph.values, value)));
      }
    }),
    "contract: a freed buffer",
  ],
  "foreign buffers read as zeros": [
    withParts((inner) => ({ download: (buffer) => inner.download(buffer).catch(() => new Float32Array(3)) })),
    "contract: a buffer of another backend",
  ],
  "it goes on after its end": [withParts(() => ({ dispose: () => {} })), "errors: a backend that was disposed of"],
  "it compiles after its end": [
    withParts((inner) => {
      const another = reference();
      return { compile: (graph) => another.compile(graph), dispose: () => inner.dispose() };
    }),
    "errors: a backend that was disposed of",
  ],
  "it says yes to every op": [
    withParts(() => ({ supports: () => true })),
    "contract: a graph with an op that nobody knows",
  ],
  "it speaks another version of the contract": [
    withParts((inner) => ({ contractVersion: inner.contractVersion + 1 })),
    "contract: states",
  ],
};
