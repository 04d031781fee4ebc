// Where an op meets its operands: it runs now on concrete tensors, and appends a node on traced ones.
import { at } from "./aval.ts";
import { checkDTypes } from "./check-dtypes.ts";
import { type Cell, isCell } from "../cells/cell.ts";
import { BackendError, TraceError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Attrs, Op } from "../op.ts";
import { defaultBackend, sessionOf } from "../execution/runtime.ts";
import type { Storage } from "../execution/storage.ts";
import { Tensor, isTensor } from "./tensor.ts";
import { isRefusedPromise } from "./tree.ts";
import { currentTrace } from "../trace/trace.ts";

/** What ops take for a tensor: a tensor, or a parameter or state of a layer. */
export type TensorLike = Tensor | Cell;

/** A tensor, or the current value of a cell. @throws TraceError for anything else. */
export function asTensor(value: TensorLike, subject: string): Tensor {
  if (isTensor(value)) return value;
  if (isCell(value)) return value.value;
  if (isRefusedPromise(value)) throw new TraceError(subject, "expected a tensor, got a Promise", "await it first");
  throw new TraceError(
    subject,
    `expected a tensor, got ${value === null ? "null" : Array.isArray(value) ? "an array" : typeof value}`,
    "make one with tensor(...)",
  );
}

/** Applies an op. Typed attributes are plain data, so that they fit a graph. */
export function apply<A extends object>(op: Op<A>, inputs: readonly TensorLike[], attrs: A & Attrs): Tensor[];
export function apply(op: Op, inputs: readonly TensorLike[], attrs: Attrs): Tensor[] {
  const tensors = inputs.map((input) => asTensor(input, op.name));
  const trace = currentTrace();
  if (trace && (tensors.length === 0 || tensors.some((tensor) => tensor.source.kind === "traced")))
    return trace.append(op, tensors, attrs);
  const storages = tensors.map((tensor) => tensor.storage(op.name));
  const avals = op.infer(
    tensors.map((tensor) => tensor.aval),
    attrs,
  );
  return runNow(op, storages, attrs, avals).map((storage) => Tensor.concrete(storage));
}

/** Applies an op with one output. */
export function applyOne<A extends object>(op: Op<A>, inputs: readonly TensorLike[], attrs: A & Attrs): Tensor {
  return at(apply(op, inputs, attrs), 0);
}

function runNow(op: Op, inputs: readonly Storage[], attrs: Attrs, outputs: readonly Storage["aval"][]): Storage[] {
  const backend = inputs.find((input) => input.backend)?.backend ?? defaultBackend();
  checkDTypes(backend, outputs, op.name);
  for (const input of inputs) input.placeOn(backend, op.name);
  const session = sessionOf(backend);
  const node = { op, attrs, inputs: inputs.map((input) => input.aval), outputs };
  if (backend.capabilities.eager && backend.execute && (backend.executes?.(node) ?? backend.supports(node)))
    return session.execute(node, inputs);
  return session.run(session.programFor(oneNodeGraph(op, inputs, attrs, outputs)), inputs);
}

function oneNodeGraph(op: Op, inputs: readonly Storage[], attrs: Attrs, outputs: readonly Storage["aval"][]): Graph {
  const results = outputs.map((_, index) => inputs.length + index);
  if (results.length === 0) throw new BackendError(op.name, "the op has no outputs", "give it at least one");
  return {
    values: [...inputs.map((input) => input.aval), ...outputs],
    inputs: inputs.map((_, index) => ({ value: index, role: "data", name: `input${index}` })),
    nodes: [{ op, inputs: inputs.map((_, index) => index), outputs: results, attrs }],
    constants: [],
    outputs: results.map((value, index) => ({ value, name: `output${index}` })),
    writebacks: [],
  };
}
