// What an optimizer is: pure functions over named tensors, that a training step traces into its graph.
import type { Aval, DType, RunContext, Shape, Tensor } from "@stria/core";
import type { Schedule } from "./schedules/schedule.ts";

/** Tensors by state-dict path. */
export type NamedTensors = ReadonlyMap<string, Tensor>;

/** State of an optimizer: slot (such as "momentum"), then path. */
export type OptimizerState = ReadonlyMap<string, NamedTensors>;

/** What one tensor of an optimizer's state is at first: every element is `value`. */
export interface StateSpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly value: number;
}

/** What the state of an optimizer is at first: slot, then path. */
export type StateSpecs = ReadonlyMap<string, ReadonlyMap<string, StateSpec>>;

/**
 * A float32 scalar that the host computes before each run, from the number of earlier steps and the learning rate; in a training step core's
 * `hostScalar`. One scalar for each name.
 */
export type ScalarSource = (name: string, supply: (context: RunContext) => number) => Tensor;

export interface UpdateContext {
  readonly gradients: NamedTensors;
  /** The parameters that the gradients are of, under the same paths. */
  readonly parameters: NamedTensors;
  readonly state: OptimizerState;
  readonly scalar: ScalarSource;
}

/** Makes new parameters from gradients. */
export interface Optimizer {
  readonly learningRate: Schedule;
  /** Schedules that it follows besides, such as those of groups. */
  readonly schedules?: readonly Schedule[];
  /** The first state, for parameters of these shapes. */
  init(parameters: ReadonlyMap<string, Aval>): StateSpecs;
  /** Parameters and state after a step. */
  update(context: UpdateContext): { readonly parameters: NamedTensors; readonly state: OptimizerState };
}

/** Makes other gradients from gradients; see {@link chain}. */
export interface GradientTransformation {
  /** The first state, for parameters of these shapes. */
  init(parameters: ReadonlyMap<string, Aval>): StateSpecs;
  /** The gradients as the next one in a chain sees them, and the new state. Traced: made of ops. */
  apply(context: UpdateContext): { readonly gradients: NamedTensors; readonly state: OptimizerState };
}

/** `f` of every entry. */
export function mapValues<A, B>(map: ReadonlyMap<string, A>, f: (value: A, path: string) => B): Map<string, B> {
  return new Map([...map].map(([path, value]) => [path, f(value, path)]));
}
