// checkpoint(f): memory for time. What f computes is not kept for its gradient, but computed again there (Chen et al. 2016).
import { checkFunction } from "./check-function.ts";
import { at, sizeOf } from "../tensor/aval.ts";
import { backward } from "./autodiff.ts";
import { TraceError } from "../errors.ts";
import type { VjpContext } from "../op.ts";
import { equal } from "../ops/equal.ts";
import { full } from "../ops/full.ts";
import { identity } from "../ops/identity.ts";
import { reshape } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";
import { where } from "../ops/where.ts";
import { type Recorded, withOwnGradient } from "./own-gradient.ts";
import { scope } from "./scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { currentTrace } from "./trace.ts";
import { isRefusedPromise } from "../tensor/tree.ts";

/** A bool scalar that cannot be known before `x` is. */
function onceThere(x: Tensor): Tensor {
  if (sizeOf(x.shape) === 0) return full([], 1, "bool");
  const first = reshape(
    slice(
      x,
      x.shape.map(() => 0),
      x.shape.map(() => 1),
    ),
    [],
  );
  return equal(first, first);
}

/**
 * Gradients by the sources of `recorded`, whose nodes are recorded once more, where the walk backwards is now. What they start from is chosen by a
 * value that comes of the cotangent, from two equal branches: no pass and no runtime takes it for the value of the first time (and so what
 * follows is not shared with it), nor computes it before its time.
 */
function again({ dys, inputs, wanted }: VjpContext, recorded: Recorded, cells: ReadonlySet<number>): (Tensor | null)[] {
  const { nodes, sources, results } = recorded;
  const trace = currentTrace();
  const dy = dys.find((cotangent) => cotangent !== null);
  if (!trace || !dy) return sources.map(() => null);
  const start = trace.nodes.length;
  const ready = onceThere(dy);
  // Parameters are there during the whole step: no copies of them, unless there is nothing else.
  const kept = sources.every((value) => cells.has(value)) ? new Set<number>() : cells;
  const fresh = sources.map((value, index) => {
    const source = at(inputs, index);
    return kept.has(value) ? identity(source) : where(ready, source, source);
  });
  const made = new Map(sources.map((value, index) => [value, at(fresh, index)]));
  const of = (value: number): Tensor => {
    const tensor = made.get(value);
    if (!tensor) throw new TraceError("checkpoint", "a value is not there", "report this as a bug of Stria");
    return tensor;
  };
  for (const node of nodes) {
    trace.site = node.site;
    const outputs = trace.append(node.op, node.inputs.map(of), node.attrs);
    for (const [position, value] of node.outputs.entries()) made.set(value, at(outputs, position));
  }
  const used = results.flatMap((value, index) => (dys[index] ? [{ output: of(value), dy: dys[index] }] : []));
  const targets = [...sources.keys()].filter((index) => wanted[index]);
  const found = backward(
    used.map(({ output }) => output),
    used.map((entry) => entry.dy),
    targets.map((index) => at(fresh, index)),
    start,
  );
  const gradients: (Tensor | null)[] = sources.map(() => null);
  for (const [place, index] of targets.entries()) gradients[index] = found[place] ?? null;
  return gradients;
}

/**
 * A function that computes what `f` does, and of which a gradient keeps the arguments and the result alone: everything in between is computed a
 * second time on the way back, from the same noise. Takes one more evaluation of `f`, saves the memory of what is inside. Outside a gradient it is `f`.
 * New values of parameters and state (running statistics) are written once. Arguments and results may be arrays and objects of tensors.
 *
 * Source: Chen, Xu, Zhang and Guestrin (2016), Training Deep Nets with Sublinear Memory Cost.
 * @throws TraceError when `f` returns a Promise.
 * @example const logits = head(checkpoint((h: Tensor) => block2.forward(block1.forward(h)))(x));
 */
export function checkpoint<Args extends readonly unknown[], Result>(
  f: (...args: Args) => Result,
): (...args: Args) => Result {
  checkFunction("checkpoint", f, "checkpoint((x) => layers.forward(x))");
  const synchronous = (...args: Args): Result => {
    const value = f(...args);
    if (isRefusedPromise(value))
      throw new TraceError("checkpoint", "the function returned a Promise", "give it a synchronous function");
    return value;
  };
  return (...args) => {
    const trace = currentTrace();
    if (!trace) return scope(() => synchronous(...args));
    return withOwnGradient(trace, "checkpoint", args, (...aliases) => {
      const value = synchronous(...aliases);
      const cells = trace.unwrittenCells();
      return { value, rule: (context, recorded) => again(context, recorded, cells) };
    });
  };
}
