// Decompositions of ops that every training step has, and most backends take as they are: they stand here and not in the ops' own files, because with them
// come further ops, which a page that trains would fetch and never call. Gradients do not need them: these ops have rules of their own.
import type { Attrs, Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { convWeightGradientInConv } from "./decompositions/conv-weight-gradient.ts";
import { maxPoolGatherInUnfold, maxPoolGradientInFold } from "./decompositions/max-pool-linear.ts";

type Decompose<A> = (inputs: readonly Tensor[], attrs: A) => readonly Tensor[];

/** For an op of a graph, whose attributes are plain data. */
function untyped<A extends object>(decompose: Decompose<A>): Decompose<Attrs>;
function untyped(decompose: Decompose<Attrs>): Decompose<Attrs> {
  return decompose;
}

/** By the name of the op. */
export const decompositionsApart: Readonly<Record<string, Decompose<Attrs>>> = {
  convWeightGradient: untyped(convWeightGradientInConv),
  maxPoolGather: untyped(maxPoolGatherInUnfold),
  maxPoolGradient: untyped(maxPoolGradientInFold),
};

/** The outputs of an op, said in simpler ones, where it can be: by its own rule, else by that which stands apart. */
export function decomposed(op: Op, inputs: readonly Tensor[], attrs: Attrs): readonly Tensor[] | undefined {
  if (op.decompose) return op.decompose(inputs, attrs);
  return Object.hasOwn(decompositionsApart, op.name) ? decompositionsApart[op.name]?.(inputs, attrs) : undefined;
}
