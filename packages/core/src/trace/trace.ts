// A trace records the ops that a function calls into a graph under construction.
import { type Aval, at, showAval } from "../tensor/aval.ts";
import type { Cell } from "../cells/cell.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { StriaError, TraceError } from "../errors.ts";
import type { Graph, GraphInput, GraphNode, NoiseSpec } from "../graph/graph.ts";
import type { Attrs, Op } from "../op.ts";
import type { Storage } from "../execution/storage.ts";
import { Tensor } from "../tensor/tensor.ts";

/** What a host scalar may depend on: known when the program runs, not when it is traced. */
export interface RunContext {
  /** Number of earlier runs of this step, from 0. */
  readonly step: number;
  readonly learningRate: number;
  /** Number of the run within its step, where a step is made of several: each draws noise of its own. Default 0. */
  readonly part?: number;
}

/** Looks at the data of an argument before a run, and throws where it is not what the function takes. */
export type HostCheck = (data: TypedArray) => void;

/** The numbers of a noise input at a step. Given with the input, so that a program that draws nothing has no generator in its bundle. */
export type FillNoise = (value: Aval, noise: NoiseSpec, step: number, part?: number) => TypedArray;

/** Where the data of an input comes from at each run. */
export type Binding =
  | { readonly kind: "argument"; readonly index: number; readonly checks: HostCheck[] }
  | { readonly kind: "captured"; readonly storage: Storage }
  | { readonly kind: "cell"; readonly cell: Cell }
  | { readonly kind: "scalar"; readonly supply: (context: RunContext) => number }
  | { readonly kind: "noise"; readonly noise: NoiseSpec; readonly fill: FillNoise };

interface CellUse {
  readonly input: number;
  current: Tensor;
  written: boolean;
}

/** A graph under construction. */
export class Trace {
  readonly values: Aval[] = [];
  readonly inputs: GraphInput[] = [];
  readonly bindings: Binding[] = [];
  readonly nodes: GraphNode[] = [];
  readonly cells: Map<Cell, CellUse> = new Map();
  readonly #captured = new Map<Storage, Tensor>();
  readonly #scalars = new Map<string, Tensor>();
  #noises = 0;

  /** Layer path or other place that new nodes are marked with. */
  site: string | undefined = current ? undefined : untracedSite;

  newInput(value: Aval, role: GraphInput["role"], name: string, binding: Binding): Tensor {
    const number = this.values.push(value) - 1;
    this.inputs.push(
      binding.kind === "noise" ? { value: number, role, name, noise: binding.noise } : { value: number, role, name },
    );
    this.bindings.push(binding);
    return Tensor.traced(value, this, number);
  }

  /** The input for a concrete tensor that the function captured: one for each storage. */
  capture(storage: Storage): Tensor {
    let tensor = this.#captured.get(storage);
    if (!tensor) {
      tensor = this.newInput(storage.aval, "data", `captured.${this.#captured.size}`, {
        kind: "captured",
        storage: storage.retain(),
      });
      this.#captured.set(storage, tensor);
    }
    return tensor;
  }

  /** A float32 scalar that the host computes before each run, such as the learning rate. One input for each name. */
  scalar(name: string, supply: (context: RunContext) => number): Tensor {
    let tensor = this.#scalars.get(name);
    if (!tensor) {
      tensor = this.newInput({ shape: [], dtype: "float32" }, "scalar", name, { kind: "scalar", supply });
      this.#scalars.set(name, tensor);
    }
    return tensor;
  }

  /** A tensor of random numbers, drawn anew at each run from a stream of its own. */
  noise(value: Aval, noise: NoiseSpec, fill: FillNoise): Tensor {
    const stream = `${noise.stream}/${this.#noises++}`;
    return this.newInput(value, "noise", stream, { kind: "noise", noise: { ...noise, stream }, fill });
  }

  /** Has `check` look at the host data of an argument before each run; values in between have none. */
  checkHostData(tensor: Tensor, check: HostCheck): void {
    const value = this.valueOf(tensor, "check");
    const binding = this.bindings[this.inputs.findIndex((input) => input.value === value)];
    if (binding?.kind === "argument") binding.checks.push(check);
  }

  readCell(cell: Cell): Tensor {
    return this.#use(cell).current;
  }

  writeCell(cell: Cell, value: Tensor): void {
    const use = this.#use(cell);
    use.current = value;
    use.written = true;
  }

  /** Makes later reads of `cell` give `value`, which stands for the same thing (no writeback). */
  aliasCell(cell: Cell, value: Tensor): void {
    this.#use(cell).current = value;
  }

  #use(cell: Cell): CellUse {
    let use = this.cells.get(cell);
    if (!use) {
      const current = this.newInput(cell.aval, cell.role, cell.path, { kind: "cell", cell });
      use = { input: this.valueOf(current, cell.path), current, written: false };
      this.cells.set(cell, use);
    }
    return use;
  }

  /** Appends a node. Its shapes are inferred where they are not known, and so its errors thrown, before anything is recorded. */
  append(op: Op, inputs: readonly Tensor[], attrs: Attrs, known?: readonly Aval[]): Tensor[] {
    const numbers = inputs.map((input) => this.valueOf(input, op.name));
    const avals =
      known ??
      op.infer(
        inputs.map((input) => input.aval),
        attrs,
      );
    const outputs = avals.map((value) => this.values.push(value) - 1);
    this.nodes.push({ op, inputs: numbers, outputs, attrs, ...(this.site !== undefined && { site: this.site }) });
    return avals.map((value, index) => Tensor.traced(value, this, at(outputs, index)));
  }

  /** A tensor for a value of this trace. */
  handle(value: number): Tensor {
    return Tensor.traced(at(this.values, value), this, value);
  }

  /** Values that stand for a parameter or state that has not been written. */
  unwrittenCells(): Set<number> {
    const read = [...this.cells].filter(([, { written }]) => !written);
    return new Set(read.flatMap(([cell, { input, current }]) => [input, this.valueOf(current, cell.path)]));
  }

  /** The value number of a tensor in this trace; concrete tensors are captured. */
  valueOf(tensor: Tensor, subject: string): number {
    const { source } = tensor;
    if (source.kind === "concrete") return this.valueOf(this.capture(source.storage), subject);
    if (source.trace !== this)
      throw new TraceError(
        subject,
        `a traced ${showAval(tensor.aval)} is used outside the function that was traced`,
        "return it from the traced function instead of keeping it in a variable outside",
      );
    return source.value;
  }

  /** The finished graph, with `outputs` under their names. Unused inputs stay; passes remove what is dead. */
  graph(outputs: readonly { readonly name: string; readonly tensor: Tensor }[]): Graph {
    const writebacks = [...this.cells].flatMap(([cell, use]) =>
      use.written ? [{ from: this.valueOf(use.current, cell.path), to: use.input }] : [],
    );
    return {
      values: this.values,
      inputs: this.inputs,
      nodes: this.nodes,
      constants: [],
      outputs: outputs.map(({ name, tensor }) => ({ name, value: this.valueOf(tensor, name) })),
      writebacks,
    };
  }

  /** Gives captured storages back, when the program is no longer needed. */
  releaseCaptured(): void {
    for (const storage of this.#captured.keys()) storage.release();
    this.#captured.clear();
  }
}

let current: Trace | undefined;

/** The trace that is recording now. */
export function currentTrace(): Trace | undefined {
  return current;
}

/** Runs `f` with `trace` recording. `f` must be synchronous. */
export function recordInto<T>(trace: Trace, f: () => T): T {
  const outer = current;
  current = trace;
  try {
    return f();
  } finally {
    current = outer;
  }
}

/** Runs `f` with nothing recording. */
export function withoutTrace<T>(f: () => T): T {
  const outer = current;
  current = undefined;
  try {
    return f();
  } finally {
    current = outer;
  }
}

/** The place where what is not traced runs; traces begin there. */
let untracedSite: string | undefined;

/**
 * Marks the nodes made by `f`, and the errors that it throws, with the place `name`, the path of a layer. A name that does not begin with the place that is
 * current is one below it, and a `relative` one always is.
 */
export function atSite<T>(name: string, f: () => T, { relative = false }: { readonly relative?: boolean } = {}): T {
  const trace = current;
  const outer = trace ? trace.site : untracedSite;
  const isWhole = outer === undefined || (!relative && `${name}.`.startsWith(`${outer}.`));
  const site = isWhole ? name : `${outer}.${name}`;
  if (trace) trace.site = site;
  else untracedSite = site;
  try {
    return f();
  } catch (error) {
    if (error instanceof StriaError) error.locate(site);
    throw error;
  } finally {
    if (trace) trace.site = outer;
    else untracedSite = outer;
  }
}

/**
 * A float32 scalar computed on the host before each run of the step being traced; `supply` is given the step number and the learning rate.
 * @throws TraceError outside a trace.
 */
export function hostScalar(name: string, supply: (context: RunContext) => number): Tensor {
  if (!current)
    throw new TraceError("hostScalar", "there is no trace", "call it inside a function given to compile or trainStep");
  return current.scalar(name, supply);
}

/**
 * Has `check` look at the numbers of `x` before they go to a device: now where `x` is concrete, before each run where it is an argument of
 * the function being traced. What is on a device already is not looked at. `check` throws where they are not what is expected.
 */
export function checkHostData(x: Tensor, check: HostCheck): void {
  if (x.source.kind === "traced") current?.checkHostData(x, check);
  else if (x.source.storage.hostData) check(x.source.storage.hostData);
}
