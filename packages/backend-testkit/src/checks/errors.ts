// What fails fails alone: its error comes at the call or at every read of what it should have given, and the next run is well.
import { type Backend, BackendError, type DeviceBuffer, type Executable, at } from "@stria/core";
import type { Check } from "../check.ts";
import { graphOf } from "../graphs.ts";
import { fails, freeAll, holds, unchanged, uploadVector, vector } from "./expect.ts";

const group = "errors";

const sum = graphOf([vector, vector], [{ op: "add", inputs: [0, 1] }], [2]);

/** A run on a buffer that is gone: its results, where it does not refuse at once. */
function failing(backend: Backend, program: Executable, good: DeviceBuffer): readonly DeviceBuffer[] {
  const gone = uploadVector(backend, 7, 7, 7);
  backend.free(gone);
  try {
    return program.run([good, gone], []);
  } catch {
    return [];
  }
}

/** A fault unless `f` throws or rejects with a BackendError. */
async function refuses(f: () => unknown, what: string): Promise<string[]> {
  try {
    await f();
  } catch (error) {
    return error instanceof BackendError ? [] : [`${what} fails with ${String(error)}, and must with a BackendError`];
  }
  return [`${what} is accepted, and must be refused with a BackendError`];
}

export const errorChecks: readonly Check[] = [
  {
    group,
    name: "what needs the result of a failed run fails too, at the call or at the read",
    run: async ({ backend }) => {
      const program = await backend.compile(sum);
      const good = uploadVector(backend, 1, 2, 3);
      const [failed] = failing(backend, program, good);
      const faults: string[] = [];
      if (failed) {
        let next: readonly DeviceBuffer[] = [];
        faults.push(
          ...(await fails(() => {
            next = program.run([failed, good], []);
            return backend.download(at(next, 0));
          }, "reading what was computed of a failed run's result")),
          ...(await fails(() => backend.download(failed), "reading a failed run's result")),
        );
        freeAll(backend, [failed, ...next]);
      }
      backend.free(good);
      program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "a failed run leaves nothing behind, and the next one is well",
    run: async ({ backend }) => {
      const program = await backend.compile(sum);
      const [a, b] = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 10, 20, 30)];
      const before = backend.memory();
      const faults: string[] = [];
      for (let turn = 0; turn < 3; turn++) {
        for (const result of failing(backend, program, a)) {
          faults.push(...(await fails(() => backend.download(result), "reading a failed run's result")));
          backend.free(result);
        }
        const result = at(program.run([a, b], []), 0);
        faults.push(...(await holds(backend, result, [11, 22, 33], "a run after one that failed")));
        backend.free(result);
      }
      faults.push(
        ...(await holds(backend, a, [1, 2, 3], "an input of a failed run")),
        ...unchanged(backend, before, "failed runs"),
      );
      freeAll(backend, [a, b]);
      program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "a graph that cannot be compiled does not disturb the others",
    run: async ({ backend }) => {
      const op = { name: "noSuchOp", infer: () => [vector] };
      const before = backend.memory();
      const wrong = backend.compile({ ...sum, nodes: sum.nodes.map((node) => ({ ...node, op })) });
      const [faults, program] = await Promise.all([fails(() => wrong, "an unknown op"), backend.compile(sum)]);
      for (const good of [program, await backend.compile(sum)]) {
        const inputs = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 10, 20, 30)];
        const result = at(good.run(inputs, [0, 1]), 0);
        faults.push(...(await holds(backend, result, [11, 22, 33], "a program beside one that cannot be compiled")));
        backend.free(result);
        good.dispose();
      }
      return [...faults, ...unchanged(backend, before, "a failed compilation")];
    },
  },
  {
    group,
    name: "a backend that was disposed of does nothing any more, and can be tidied up",
    run: async ({ factory }) => {
      const backend = await factory();
      const program = await backend.compile(sum);
      const [a, b] = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 10, 20, 30)];
      backend.dispose();
      const faults = [
        ...(await refuses(() => uploadVector(backend, 1, 2, 3), "an upload to a backend that was disposed of")),
        ...(await refuses(() => backend.download(a), "a download from a backend that was disposed of")),
        ...(await refuses(() => backend.compile(sum), "a compilation on a backend that was disposed of")),
        ...(await refuses(() => program.run([a, b], []), "a run on a backend that was disposed of")),
      ];
      freeAll(backend, [a, b]);
      program.dispose();
      backend.dispose();
      return faults;
    },
  },
];
