// The one representation that everything shares: a plain-data, topologically ordered, static-shape SSA graph.
import type { Aval } from "../tensor/aval.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { Attrs, Op } from "../op.ts";

/** What an input is to the program: parameters and state live across runs, data and scalars are given at each, noise is drawn. */
export type Role = "param" | "state" | "data" | "scalar" | "noise";

/** How a noise input is filled: by the seeded counter-based generator, from the stream of this name. */
export interface NoiseSpec {
  readonly stream: string;
  readonly distribution: "uniform" | "normal" | "bernoulli" | "permutation";
  /** uniform: low, high; normal: mean, standard deviation; bernoulli: probability of 1; permutation (int32, of the numbers below its length): none. */
  readonly parameters: readonly number[];
}

export interface GraphInput {
  readonly value: number;
  readonly role: Role;
  readonly name: string;
  readonly noise?: NoiseSpec;
}

export interface GraphNode {
  readonly op: Op;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly attrs: Attrs;
  /** The layer path or the user's line where the node was made, for error messages. */
  readonly site?: string;
}

/** The new value of the param or state input `to` (a value number of an input) is value `from`. */
export interface Writeback {
  readonly from: number;
  readonly to: number;
}

/** A program: values are numbered 0..n-1, and each is an input, a constant, or an output of exactly one node. Nodes are in topological order. */
export interface Graph {
  readonly values: readonly Aval[];
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly { readonly value: number; readonly data: TypedArray }[];
  readonly outputs: readonly { readonly value: number; readonly name: string }[];
  readonly writebacks: readonly Writeback[];
}

/** The values that a run returns, in order: the outputs, then the new values of the writebacks. A value may occur more than once. */
export function resultValues(graph: Graph): number[] {
  return [...graph.outputs.map((output) => output.value), ...graph.writebacks.map((writeback) => writeback.from)];
}
