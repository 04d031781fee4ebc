// A graph on a backend, compiled once, and the queue that runs programs in the order in which they were called.
import type { Backend, DeviceBuffer, Executable, NodeSpec } from "../backend.ts";
import { type Graph, resultValues } from "../graph/graph.ts";
import { type Aval, at } from "../tensor/aval.ts";
import { BackendError } from "../errors.ts";
import { GrowthWatch } from "./growth.ts";
import { graphKey } from "../graph/graph-key.ts";
import { type Donation, Storage } from "./storage.ts";

/** A graph and its executable, which may still be on its way. */
export class Program {
  readonly graph: Graph;
  /** What it makes, in order. */
  readonly results: readonly Aval[];
  readonly ready: Promise<void>;
  #executable: Executable | undefined;
  #failure: { readonly error: unknown } | undefined;
  #disposed = false;

  constructor(graph: Graph, backend: Backend) {
    this.graph = graph;
    this.results = resultValues(graph).map((value) => at(graph.values, value));
    this.ready = Promise.resolve()
      .then(() => backend.compile(graph))
      .then(
        (executable) => {
          if (this.#disposed) executable.dispose();
          else this.#executable = executable;
        },
        (error: unknown) => {
          this.#failure = { error };
        },
      );
  }

  get settled(): boolean {
    return this.#executable !== undefined || this.#failure !== undefined;
  }

  /** Whether it could not be compiled. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** The executable; throws what compilation threw. Only once `settled`. */
  executable(): Executable {
    if (this.#executable) return this.#executable;
    if (this.#failure) throw this.#failure.error;
    throw new BackendError("program", "it is not compiled yet", "await its ready promise first");
  }

  dispose(): void {
    this.#disposed = true;
    this.#executable?.dispose();
    this.#executable = undefined;
    this.#failure = { error: new Error("the program was disposed") };
  }
}

interface Job {
  /** A program, or one op. */
  readonly task: Program | NodeSpec;
  readonly inputs: readonly Storage[];
  /** The places of inputs that are donated, as a list and as a set. */
  readonly donated: readonly number[];
  readonly given: ReadonlySet<number>;
  readonly outputs: readonly Storage[];
  readonly onLaunched: (() => void) | undefined;
}

const nothing: ReadonlySet<number> = new Set();

function hasFailed(storage: Storage): boolean {
  return storage.failed;
}

/** The most programs that eager calls keep compiled, per backend. */
const cachedPrograms = 512;

/** One backend's queue. Runs are launched in program order; nothing waits unless a program is still being compiled. */
export class Session {
  readonly backend: Backend;
  readonly #queue: Job[] = [];
  #draining = false;
  readonly #programs = new Map<string, Program>();
  readonly #growth: GrowthWatch;

  constructor(backend: Backend) {
    this.backend = backend;
    this.#growth = new GrowthWatch(backend);
  }

  /** The program of an anonymous graph, compiled once for all graphs that are equal. */
  programFor(graph: Graph): Program {
    const key = graphKey(graph);
    let program = this.#programs.get(key);
    if (program) this.#programs.delete(key);
    if (!program || program.failed) program = new Program(graph, this.backend); // what failed may have been a passing fault
    this.#programs.set(key, program);
    if (this.#programs.size > cachedPrograms) {
      for (const [oldest, old] of this.#programs) {
        this.#programs.delete(oldest);
        void old.ready.then(() => this.whenIdle(() => old.dispose()));
        break;
      }
    }
    return program;
  }

  /** Enqueues a run; returns the storages of its results. They are filled or failed when it has been launched, just before `onLaunched`. */
  run(
    program: Program,
    inputs: readonly Storage[],
    donated: readonly number[] = [],
    onLaunched?: () => void,
  ): Storage[] {
    return this.#submit(program, inputs, donated, program.results, onLaunched);
  }

  /** Enqueues one op on a backend that runs ops eagerly. */
  execute(node: NodeSpec, inputs: readonly Storage[]): Storage[] {
    this.#growth.note();
    return this.#submit(node, inputs, [], node.outputs, undefined);
  }

  #submit(
    task: Job["task"],
    inputs: readonly Storage[],
    donated: readonly number[],
    results: readonly Aval[],
    onLaunched: Job["onLaunched"],
  ): Storage[] {
    const isProgram = task instanceof Program;
    for (const input of inputs) input.placeOn(this.backend, isProgram ? "compiled function" : "op");
    const given = donated.length === 0 ? nothing : new Set(donated);
    for (let index = 0; index < inputs.length; index++) if (!given.has(index)) at(inputs, index).retain();
    const outputs: Storage[] = [];
    for (const result of results) outputs.push(Storage.pending(result, this.backend));
    const job: Job = { task, inputs, donated, given, outputs, onLaunched };
    if (this.#queue.length === 0 && (!isProgram || task.settled)) this.#launch(job);
    else {
      this.#queue.push(job);
      void this.#drain();
    }
    return outputs;
  }

  /** Calls `done` when everything enqueued so far has been launched. */
  whenIdle(done: () => void): void {
    if (this.#queue.length === 0) done();
    else setTimeout(() => this.whenIdle(done), 0);
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let job = this.#queue[0]; job; job = this.#queue[0]) {
      if (job.task instanceof Program && !job.task.settled) await job.task.ready;
      this.#launch(job);
      this.#queue.shift();
    }
    this.#draining = false;
  }

  /** Launches a run. One that throws took nothing over: what was donated goes back to its owners. */
  #start({ task, inputs, donated, given }: Job): DeviceBuffer[] {
    const donations: Donation[] = [];
    const buffers: DeviceBuffer[] = [];
    try {
      for (let index = 0; index < inputs.length; index++) {
        const input = at(inputs, index);
        const donation = given.has(index) ? input.donate() : undefined;
        if (donation) donations.push(donation);
        buffers.push(donation ? donation.buffer : input.deviceBuffer());
      }
      if (task instanceof Program) return task.executable().run(buffers, donated);
      return this.backend.execute?.(task, buffers) ?? [];
    } catch (error) {
      for (const donation of donations) donation.takeBack();
      throw error;
    }
  }

  #launch(job: Job): void {
    const { task, inputs, given, outputs, onLaunched } = job;
    try {
      if (task instanceof Program) task.executable(); // a failed compilation must not take buffers over
      const failed = inputs.find(hasFailed);
      if (failed) throw failed.failure;
      const filled = this.#start(job);
      if (filled.length !== outputs.length)
        throw new BackendError(
          `backend "${this.backend.name}"`,
          `a run returned ${filled.length} buffers instead of ${outputs.length}`,
          "report this to the backend's authors",
        );
      for (let index = 0; index < outputs.length; index++) at(outputs, index).fill(at(filled, index));
    } catch (error) {
      for (const output of outputs) output.fail(error);
    } finally {
      for (let index = 0; index < inputs.length; index++) if (!given.has(index)) at(inputs, index).release();
      onLaunched?.();
    }
  }
}
