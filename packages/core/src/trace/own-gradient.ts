// What checkpoint and customGradient share: the nodes that a function appends to a trace, taken together as one whose gradient has a rule of its own.
import type { GraphNode } from "../graph/graph.ts";
import { type VjpContext, defineOp } from "../op.ts";
import { identity } from "../ops/identity.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Trace } from "./trace.ts";
import { flatten } from "../tensor/tree.ts";

/** What a function recorded. Values are numbers of the trace. */
export interface Recorded {
  readonly nodes: readonly GraphNode[];
  /** Its arguments, then what it used from outside. */
  readonly sources: readonly number[];
  /** How many of the sources are arguments. */
  readonly parameters: number;
  readonly results: readonly number[];
}

/** Gradients by the sources, in their order; null where there is none. `wanted` has an entry for each source. */
export type OwnRule = (context: VjpContext, recorded: Recorded) => readonly (Tensor | null)[];

/** Values that `nodes` or `results` use and neither are arguments nor made by the nodes. */
function usedFromOutside(nodes: readonly GraphNode[], results: readonly number[], known: readonly number[]): number[] {
  const inside = new Set([...known, ...nodes.flatMap(({ outputs }) => outputs)]);
  return [...new Set([...nodes.flatMap(({ inputs }) => inputs), ...results])].filter((value) => !inside.has(value));
}

/**
 * The result of `f(...args)`, recorded in `trace`. Its gradient is what the rule says that `f` returned with it. The node that says so
 * passes the results on; simplification removes it.
 */
export function withOwnGradient<Args extends readonly unknown[], Result>(
  trace: Trace,
  subject: string,
  args: Args,
  f: (...args: Args) => { readonly value: Result; readonly rule: OwnRule },
): Result {
  const given = flatten(args, subject);
  const aliases = given.leaves.map((leaf) => identity(leaf));
  const start = trace.nodes.length;
  const { value, rule } = f(...(given.shape.rebuild(aliases) as Args));
  const { leaves, shape } = flatten(value, subject);
  const nodes = trace.nodes.slice(start);
  const number = (tensor: Tensor): number => trace.valueOf(tensor, subject);
  const parameters = aliases.map(number);
  const results = leaves.map(number);
  const recorded: Recorded = {
    nodes,
    sources: [...parameters, ...usedFromOutside(nodes, results, parameters)],
    parameters: parameters.length,
    results,
  };
  const count = recorded.sources.length;
  const op = defineOp("ownGradient", {
    infer: (inputs) => inputs.slice(count),
    vjp: (context) => [...rule(context, recorded), ...results.map(() => null)],
    decompose: (inputs) => inputs.slice(count),
  });
  const inputs = [...recorded.sources, ...results].map((source) => trace.handle(source));
  const passed = trace.append(op, inputs, {});
  return shape.rebuild(passed) as Result;
}
