// One run of a traced function: inputs are gathered, parameters that nobody else holds are donated, and cells get their new values.
import { type Aval, at, byteSize } from "../tensor/aval.ts";
import type { Backend } from "../backend.ts";
import type { Cell } from "../cells/cell.ts";
import { BackendError } from "../errors.ts";
import type { Program, Session } from "./program.ts";
import { defaultBackend } from "./runtime.ts";
import { Storage } from "./storage.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Binding, RunContext } from "../trace/trace.ts";
import type { TracedFunction } from "../trace/traced-function.ts";

/** The backend on which the inputs are; the default one when all are on the host. */
export function backendOf(traced: TracedFunction, args: readonly Tensor[], name: string): Backend {
  for (const binding of traced.bindings) {
    if (binding.kind === "captured" && binding.storage.backend) return binding.storage.backend;
    if (binding.kind === "cell" && binding.cell.backend) return binding.cell.backend;
    if (binding.kind === "argument") {
      const { backend } = at(args, binding.index).storage(name);
      if (backend) return backend;
    }
  }
  return defaultBackend();
}

/** The memory behind one input; what is made for this run alone is added to `temporary`. */
function storageOf(
  binding: Binding,
  value: Aval,
  args: readonly Tensor[],
  context: RunContext,
  name: string,
  temporary: Storage[],
): Storage {
  switch (binding.kind) {
    case "argument": {
      const own = at(args, binding.index).storage(name);
      if (own.hostData) for (const check of binding.checks) check(own.hostData);
      const lent = own.lend();
      return lent ? forOneRun(lent, temporary) : own;
    }
    case "captured":
      return binding.storage;
    case "cell":
      return binding.cell.storage();
    case "scalar":
      return forOneRun(Storage.host(value, Float32Array.of(binding.supply(context))), temporary);
    case "noise":
      return forOneRun(Storage.host(value, binding.fill(value, binding.noise, context.step, context.part)), temporary);
  }
}

function forOneRun(storage: Storage, temporary: Storage[]): Storage {
  temporary.push(storage);
  return storage;
}

/** Runs `traced`. With `safe`, cells can have their old values back until the run has succeeded, on the device too: the smallest result is read. */
export function launch(
  session: Session,
  program: Program,
  traced: TracedFunction,
  args: readonly Tensor[],
  context: RunContext,
  safe: boolean,
  name: string,
): unknown {
  const { graph, bindings, written } = traced;
  const temporary: Storage[] = [];
  const storages: Storage[] = [];
  for (let index = 0; index < bindings.length; index++)
    storages.push(
      storageOf(at(bindings, index), at(graph.values, at(graph.inputs, index).value), args, context, name, temporary),
    );
  for (const storage of storages) storage.placeOn(session.backend, name);
  if (written.length === 0) {
    const outputs = session.run(program, storages);
    for (const storage of temporary) storage.release();
    return resultOf(traced, outputs);
  }

  const donated = safe ? [] : traced.replaced.filter((index) => at(storages, index).owners === 1);

  const replaced: Replaced[] = [];
  let launched = false;
  const onLaunched = (): void => {
    const [first] = replaced;
    if (safe && first && !first.fresh.failed) void settleOnceProven(outputs, replaced, session.backend);
    else settle(replaced, session.backend);
  };
  const outputs = session.run(program, storages, donated, () => {
    launched = true;
    if (replaced.length > 0) onLaunched();
  });
  for (let index = 0; index < written.length; index++) {
    const cell = at(written, index);
    const fresh = at(outputs, graph.outputs.length + index);
    const old = cell.exchange(fresh);
    if (safe || !launched) superseded.add(old); // else it is settled before another step can be called
    replaced.push({ cell, fresh, old });
  }
  if (launched) onLaunched(); // it was launched at once, before there was anything to settle
  for (const storage of temporary) storage.release();
  return resultOf(traced, outputs.slice(0, graph.outputs.length));
}

function resultOf({ result }: TracedFunction, outputs: readonly Storage[]): unknown {
  return result.rebuild(outputs.map((storage) => Tensor.concrete(storage)));
}

interface Replaced {
  readonly cell: Cell;
  readonly fresh: Storage;
  readonly old: Storage;
}

/** Values that a step which was called later took for its own old value. */
const superseded = new WeakSet<Storage>();
/** For such a value, once it has failed: what the cell had before it. The later step fails too, and brings that back. */
const fallbacks = new WeakMap<Storage, Storage>();

/** A run is enqueued, and may fail later: then its results are worthless, and reading any of them says so. */
async function settleOnceProven(
  outputs: readonly Storage[],
  replaced: readonly Replaced[],
  backend: Backend,
): Promise<void> {
  const smallest = outputs.reduce((a, b) => (byteSize(b.aval) < byteSize(a.aval) ? b : a));
  try {
    await smallest.read();
  } catch (error) {
    for (const { fresh } of replaced) fresh.poison(error);
  }
  settle(replaced, backend);
}

/** After the launch: gives old values up, or brings them back where the run failed and they are still there. */
function settle(replaced: readonly Replaced[], backend: Backend): void {
  for (const { cell, fresh, old } of replaced) {
    superseded.delete(old);
    if (!fresh.failed) {
      old.release();
      continue;
    }
    const kept = keptAfterFailure(cell, fresh, old, backend);
    if (superseded.has(fresh)) fallbacks.set(fresh, kept);
    else if (cell.storage() === fresh) {
      cell.exchange(kept);
      fresh.release();
    } else kept.release(); // a new value was set meanwhile
  }
}

function keptAfterFailure(cell: Cell, fresh: Storage, old: Storage, backend: Backend): Storage {
  const earlier = fallbacks.get(old);
  if (earlier) {
    fallbacks.delete(old);
    old.release();
    return earlier;
  }
  if (!old.gone) return old;
  const error = new BackendError(
    cell.path,
    "its value was lost: a training step failed after it had taken the parameters over",
    "reload the checkpoint, or train with { safe: true }",
    { cause: fresh.failure },
  );
  return Storage.lost(cell.aval, backend, error);
}
