// What a table of calls holds: PyTorch's function, said with Stria's.
import type { Tensor } from "@stria/core";
import type { Arguments } from "../arguments.ts";

/** One tensor for the only output, or tensors by the outputs' names. */
export type Answer = Tensor | Readonly<Record<string, Tensor>> | readonly Tensor[];

export type Call = (given: Arguments) => Answer;

export type CallTable = Readonly<Record<string, Call>>;

/** A call whose name is only a label: the answer counts for exactly this expression. */
export interface Labelled {
  readonly expression: string;
  readonly answer: Call;
}

/** By label. */
export type ExpressionTable = Readonly<Record<string, readonly Labelled[]>>;
