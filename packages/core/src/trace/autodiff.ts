// Reverse-mode differentiation: the nodes of a trace are walked backwards, and each op's rule appends the nodes of its gradient to the same trace.
// Gradients are made of ops, so a gradient can be differentiated again.
import { at } from "../tensor/aval.ts";
import { isFloat } from "../tensor/dtype.ts";
import { TraceError } from "../errors.ts";
import type { GraphNode } from "../graph/graph.ts";
import { add } from "../ops/add.ts";
import { identity } from "../ops/identity.ts";
import { zeros } from "../ops/full.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Trace, currentTrace } from "./trace.ts";

/**
 * Cotangents of `wrt`, given those of `outputs`, all in the current trace: sum over outputs of cotangent * d output / d wrt.
 * Null where an output does not depend on it. Values of `wrt` were made at node `from` or later: what is before it is not looked at.
 */
export function backward(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
  from = 0,
): (Tensor | null)[] {
  const trace = currentTrace();
  if (!trace) throw new TraceError("gradient", "there is no trace", "use grad, valueAndGrad or vjp");
  const targets = wrt.map((tensor) => trace.valueOf(tensor, "gradient"));
  const path = trace.nodes.slice(from);
  const depends = dependents(trace, path, targets);

  const cotangentOf = new Map<number, Tensor>();
  const accumulate = (value: number, cotangent: Tensor): void => {
    const sofar = cotangentOf.get(value);
    cotangentOf.set(value, sofar ? add(sofar, cotangent) : cotangent);
  };
  for (const [index, output] of outputs.entries()) {
    const value = trace.valueOf(output, "gradient");
    if (depends.has(value)) accumulate(value, at(cotangents, index));
  }
  const isTarget = new Set(targets);
  for (const node of path.toReversed()) {
    if (!node.outputs.some((value) => cotangentOf.has(value))) continue;
    const dys = node.outputs.map((value) => cotangentOf.get(value) ?? null);
    for (const value of node.outputs) if (!isTarget.has(value)) cotangentOf.delete(value);
    const wanted = node.inputs.map((value) => depends.has(value));
    for (const [index, cotangent] of pullBack(trace, node, dys, wanted).entries()) {
      if (cotangent && wanted[index]) accumulate(at(node.inputs, index), cotangent);
    }
  }
  return targets.map((value) => cotangentOf.get(value) ?? null);
}

/** Values that a path of floats connects to `targets`. Cotangents are float32, also those of float16 values. */
function dependents(trace: Trace, nodes: readonly GraphNode[], targets: readonly number[]): Set<number> {
  const depends = new Set(targets);
  for (const node of nodes) {
    if (node.op.name === "stopGradient" || !node.inputs.some((value) => depends.has(value))) continue;
    for (const value of node.outputs) if (isFloat(at(trace.values, value).dtype)) depends.add(value);
  }
  return depends;
}

function pullBack(
  trace: Trace,
  node: GraphNode,
  dys: readonly (Tensor | null)[],
  wanted: readonly boolean[],
): readonly (Tensor | null)[] {
  const handle = (value: number): Tensor => trace.handle(value);
  const inputs = node.inputs.map(handle);
  const { op, attrs } = node;
  const outerSite = trace.site;
  trace.site = node.site === undefined ? undefined : `gradient of ${node.site}`;
  try {
    if (op.vjp) {
      const outputs = node.outputs.map(handle);
      const dy = dys[0] ?? zeros(at(outputs, 0).shape);
      return op.vjp({ dy, dys, inputs, outputs, attrs, wanted });
    }
    if (op.decompose) {
      const start = trace.nodes.length;
      const aliases = inputs.map((input) => identity(input));
      const outputs = op.decompose(aliases, attrs);
      const used = outputs.flatMap((output, index) => (dys[index] ? [{ output, dy: dys[index] }] : []));
      const targets = aliases.filter((_, index) => wanted[index]);
      const found = backward(
        used.map(({ output }) => output),
        used.map(({ dy }) => dy),
        targets,
        start,
      );
      let next = 0;
      return wanted.map((isWanted) => (isWanted ? (found[next++] ?? null) : null));
    }
  } finally {
    trace.site = outerSite;
  }
  throw new TraceError(
    op.name,
    "the op has no gradient",
    "wrap its input in stopGradient, or give the op a vjp or a decomposition",
  );
}
