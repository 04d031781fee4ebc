// Decompositions of ops that every training step has and most backends take as they are, and of what those decompose into: they stand here and not in the ops'
// own files, because a page that trains would fetch them, and further ops with them, and never call them. Gradients do not need them: these ops have rules of their own.
import type { Attrs, Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { convWeightGradientInConv } from "./decompositions/conv-weight-gradient.ts";
import { foldInSlices, unfoldInSlices } from "./decompositions/unfold.ts";
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
  fold: untyped(foldInSlices),
  maxPoolGather: untyped(maxPoolGatherInUnfold),
  maxPoolGradient: untyped(maxPoolGradientInFold),
  unfold: untyped(unfoldInSlices),
};

/** The outputs of an op, said in simpler ones, where it can be: by its own rule, else by that which stands apart. */
export function decomposed(op: Op, inputs: readonly Tensor[], attrs: Attrs): readonly Tensor[] | undefined {
  if (op.decompose) return op.decompose(inputs, attrs);
  return Object.hasOwn(decompositionsApart, op.name) ? decompositionsApart[op.name]?.(inputs, attrs) : undefined;
}
