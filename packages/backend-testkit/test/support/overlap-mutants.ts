// Faults that show where runs and reads overlap, or after something has failed: the reference behind a wrapper.
import { type Backend, type DeviceBuffer, type Executable, at } from "@stria/core";
import { reference } from "@stria/core/reference";

function withPrograms(wrap: (inner: Backend) => (program: Executable) => Executable["run"]): () => Backend {
  return () => {
    const inner = reference();
    const runOf = wrap(inner);
    return {
      ...inner,
      compile: async (graph) => {
        const program = await inner.compile(graph);
        return { run: runOf(program), dispose: () => program.dispose() };
      },
    };
  };
}

function refused(run: () => DeviceBuffer[]): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

/** What each mutant is, the backend, and the check that has to catch it. */
export const overlapMutants: Readonly<Record<string, readonly [() => Backend, caughtBy: string]>> = {
  "reads are answered in the other order": [
    () => {
      const inner = reference();
      const asked: DeviceBuffer[] = [];
      return {
        ...inner,
        download: async (buffer) => {
          asked.push(buffer);
          await Promise.resolve();
          return inner.download(asked.pop() ?? buffer);
        },
      };
    },
    "concurrency: reads are answered",
  ],
  "one staging buffer for all reads": [
    () => {
      const inner = reference();
      let staged: DeviceBuffer | undefined;
      return {
        ...inner,
        download: async (buffer) => {
          staged = buffer;
          await Promise.resolve();
          return inner.download(staged);
        },
      };
    },
    "concurrency: two programs in turn",
  ],
  "a change of programs comes one run late": [
    withPrograms(() => {
      let current: Executable | undefined;
      return (program) => (inputs, donated) => {
        const before = current ?? program;
        current = program;
        return before.run(inputs, donated);
      };
    }),
    "concurrency: two programs in turn",
  ],
  "after one failed run all fail": [
    withPrograms(() => {
      let failed: { readonly error: unknown } | undefined;
      return (program) => (inputs, donated) => {
        if (failed) throw failed.error;
        try {
          return program.run(inputs, donated);
        } catch (error) {
          failed = { error };
          throw error;
        }
      };
    }),
    "errors: a failed run leaves nothing behind",
  ],
  "a failed run keeps its workspace": [
    withPrograms((inner) => (program) => (inputs, donated) => {
      try {
        return program.run(inputs, donated);
      } catch (error) {
        inner.upload(new Float32Array(64), { shape: [64], dtype: "float32" });
        throw error;
      }
    }),
    "errors: a failed run leaves nothing behind",
  ],
  "a failed run frees its inputs": [
    withPrograms((inner) => (program) => (inputs, donated) => {
      try {
        return program.run(inputs, donated);
      } catch (error) {
        for (const input of inputs) refused(() => (inner.free(input), []));
        throw error;
      }
    }),
    "errors: a failed run leaves nothing behind",
  ],
  "what a failed run should have given reads as an error, and counts as zeros": [
    () => {
      const inner = reference();
      const failed = new WeakSet<DeviceBuffer>();
      return {
        ...inner,
        download: async (buffer) => {
          if (failed.has(buffer)) throw new Error("its run failed");
          return inner.download(buffer);
        },
        compile: async (graph) => {
          const program = await inner.compile(graph);
          return {
            dispose: () => program.dispose(),
            run: (inputs, donated) => {
              try {
                return program.run(inputs, donated);
              } catch {
                const results = graph.outputs.map(({ value }) => {
                  const aval = at(graph.values, value);
                  return inner.upload(new Float32Array(3), aval);
                });
                for (const result of results) failed.add(result);
                return results;
              }
            },
          };
        },
      };
    },
    "errors: what needs the result of a failed run",
  ],
  "a graph that cannot be compiled is the end": [
    () => {
      const inner = reference();
      let failed: { readonly error: unknown } | undefined;
      return {
        ...inner,
        compile: async (graph) => {
          if (failed) throw failed.error;
          try {
            return await inner.compile(graph);
          } catch (error) {
            failed = { error };
            throw error;
          }
        },
      };
    },
    "errors: a graph that cannot be compiled",
  ],
};
