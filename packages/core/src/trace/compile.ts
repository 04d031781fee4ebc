// compile(f): a function of tensors, traced once for each input signature into one program.
import { type Aval, at, sameAval, showAval } from "../tensor/aval.ts";
import type { Backend } from "../backend.ts";
import { checkDTypes } from "../tensor/check-dtypes.ts";
import { checkFunction } from "./check-function.ts";
import type { Graph } from "../graph/graph.ts";
import { backendOf, launch } from "../execution/launch.ts";
import { modeKey } from "./mode.ts";
import { Program, type Session } from "../execution/program.ts";
import { nextDraw } from "../random/root.ts";
import { chosenBackend, sessionOf } from "../execution/runtime.ts";
import { type RunContext, currentTrace, withoutTrace } from "./trace.ts";
import { type TracedFunction, traceFunction } from "./traced-function.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { flatten, identityOf } from "../tensor/tree.ts";
import { findPaths, fingerprintNumber } from "../cells/walk.ts";

export interface CompileOptions {
  /** Name for messages. Default "compiled function". */
  readonly name?: string;
  /** Models that the function uses: a change of their structure or of what is trainable traces again. */
  readonly modules?: readonly object[];
  /** Keep old parameters until a run has succeeded, instead of giving their memory to it. */
  readonly safe?: boolean;
  /** The most programs that are kept; the least recently used goes first. Default 16. */
  readonly cacheSize?: number;
}

export interface CompiledFunction<Args extends readonly unknown[], Result> {
  /** Runs it: tensors that may still be on their way, in the structure that the function returned. */
  (...args: Args): Result;
  /** Runs with the values that host scalars are computed from. */
  runWith(context: RunContext, ...args: Args): Result;
  /** The graph for these arguments, traced when it was not yet. */
  graph(...args: Args): Graph;
  /** Resolves when the program for these arguments is compiled. @throws what the compilation threw. */
  ready(...args: Args): Promise<void>;
  /** Forgets all programs and gives their memory back. */
  clear(): void;
}

interface Entry {
  readonly traced: TracedFunction;
  readonly program: Program;
  readonly backend: Backend;
  readonly session: Session;
}

type Entries = Map<string, Entry>;

/** All that tells one signature from another. */
interface Signature {
  readonly mode: string;
  readonly near: Backend | undefined;
  readonly tree: string;
  readonly avals: readonly Aval[];
  readonly modules: readonly number[];
}

function areAlike(one: Signature, other: Signature): boolean {
  if (one.mode !== other.mode || one.near !== other.near || one.tree !== other.tree) return false;
  for (let index = 0; index < one.avals.length; index++) {
    const [value, wanted] = [at(one.avals, index), at(other.avals, index)];
    if (value !== wanted && !sameAval(value, wanted)) return false;
  }
  for (let index = 0; index < one.modules.length; index++)
    if (one.modules[index] !== other.modules[index]) return false;
  return true;
}

function keyOf({ mode, near, tree, avals, modules }: Signature): string {
  return [mode, near ? identityOf(near) : "", tree, ...avals.map(showAval), ...modules].join("\n");
}

/** Where the first of these tensors is that is on a backend. An argument that the function does not use may be disposed: it says nothing, and is no error. */
function backendNear(leaves: readonly Tensor[]): Backend | undefined {
  for (const { source } of leaves)
    if (source.kind === "concrete" && source.storage.backend) return source.storage.backend;
  return undefined;
}

/** Forgets a program; its memory is given back when what was enqueued has been launched. */
function drop(entries: Entries, key: string, { traced, program, backend }: Entry): void {
  entries.delete(key);
  traced.release();
  void program.ready.then(() => sessionOf(backend).whenIdle(() => program.dispose()));
}

function dropAll(entries: Entries): void {
  for (const [key, entry] of entries) drop(entries, key, entry);
}

/** Programs of functions that nobody can call any more. They must not lead back to the function, nor to what it captured. */
const strays = new FinalizationRegistry<Entries>(dropAll);

/**
 * Traces `f` once for each signature (shapes and dtypes of the tensors in its arguments, everything else by value) and runs the program.
 * Inside another trace, `f` is simply part of it. Tensors that `f` captures are inputs, by identity; parameters and state are read at each run.
 * JavaScript's own control flow is decided while tracing: `where` chooses by a value. (That a tensor stands alone in an `if`, where it is always true, no
 * library can notice; comparing or adding one with JavaScript's operators throws.)
 * @throws TraceError at once when `f` is no function; in a call when it is asynchronous, reads a traced value, or lets one escape.
 */
export function compile<Args extends readonly unknown[], Result>(
  f: (...args: Args) => Result,
  options: CompileOptions = {},
): CompiledFunction<Args, Result> {
  checkFunction("compile", f, "compile((x) => x.relu())");
  const { name = "compiled function", modules = [], safe = false, cacheSize = 16 } = options;
  const entries: Entries = new Map();
  /** Of the last call: the next one is most often of the same form. */
  let last: { readonly signature: Signature; readonly entry: Entry } | undefined;
  let runs = 0;

  const isRight = ({ program, traced, backend }: Entry, leaves: readonly Tensor[]): boolean =>
    !program.failed && backendOf(traced, leaves, name) === backend;
  const entryFor = (args: Args): { entry: Entry; leaves: readonly Tensor[] } => {
    const { leaves, shape } = flatten(args, name);
    const signature = {
      mode: modeKey(),
      near: backendNear(leaves) ?? chosenBackend(),
      tree: shape.key,
      avals: leaves.map((leaf) => leaf.aval),
      modules: modules.map(fingerprintNumber),
    };
    if (last && areAlike(last.signature, signature) && isRight(last.entry, leaves))
      return { entry: last.entry, leaves };
    const key = keyOf(signature);
    let entry = entries.get(key);
    if (entry && !isRight(entry, leaves)) {
      drop(entries, key, entry);
      entry = undefined;
    }
    if (entry) entries.delete(key);
    else {
      for (const module of modules) findPaths(module);
      const traced = traceFunction(
        name,
        leaves.map((leaf) => leaf.aval),
        (given) => f(...(shape.rebuild(given) as Args)),
      );
      const backend = backendOf(traced, leaves, name);
      checkDTypes(backend, traced.graph.values, name);
      entry = { traced, backend, session: sessionOf(backend), program: new Program(traced.graph, backend) };
    }
    entries.set(key, entry);
    if (entries.size > cacheSize) {
      for (const [oldest, old] of entries) {
        drop(entries, oldest, old);
        break;
      }
    }
    last = entries.has(key) ? { signature, entry } : undefined;
    return { entry, leaves };
  };

  const runWith = (context: RunContext, ...args: Args): Result => {
    const { entry, leaves } = entryFor(args);
    return launch(entry.session, entry.program, entry.traced, leaves, context, safe, name) as Result;
  };
  const compiled = Object.assign(
    (...args: Args): Result => (currentTrace() ? f(...args) : runWith({ step: runs++, learningRate: 0 }, ...args)),
    {
      runWith: (context: RunContext, ...args: Args): Result => withoutTrace(() => runWith(context, ...args)),
      graph: (...args: Args): Graph => withoutTrace(() => entryFor(args).entry.traced.graph),
      ready: async (...args: Args): Promise<void> => {
        const { program } = withoutTrace(() => entryFor(args).entry);
        await program.ready;
        program.executable();
      },
      clear: (): void => {
        last = undefined;
        dropAll(entries);
      },
    },
  );
  strays.register(compiled, entries);
  return compiled;
}

/** Traces `f`, runs its graph once on the backend of the tensors it captured, and returns its result. Equal graphs are compiled once. */
export function traceOnce<T>(f: () => T): T {
  const traced = traceFunction("traced function", [], f);
  try {
    const session = sessionOf(backendOf(traced, [], "traced function"));
    checkDTypes(session.backend, traced.graph.values, "traced function");
    const context = { step: nextDraw(), learningRate: 0 };
    return launch(session, session.programFor(traced.graph), traced, [], context, true, "traced function") as T;
  } finally {
    traced.release();
  }
}
