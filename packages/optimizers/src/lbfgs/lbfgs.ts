// L-BFGS (Liu & Nocedal 1989): quasi-Newton steps from the last few gradients, for whole batches. Driven by the host, in float64.
import { AttributeError, type Tensor } from "@stria/core";
import { checkNotNegative, optionsOf } from "../check.ts";
import type { NamedTensors } from "../optimizer.ts";
import { checkSteps } from "../schedules/schedule.ts";
import { type Evaluated, type Found, strongWolfe } from "./strong-wolfe.ts";
import { type Layout, type Vector, dot, largest, layoutOf, plus, times, toTensors, toVector } from "./vector.ts";

/** A scalar function and its gradients at some parameters, under their paths; what it returns is disposed when it has been read. */
export type Objective = (parameters: NamedTensors) => Evaluation | Promise<Evaluation>;

export interface Evaluation {
  readonly value: Tensor;
  readonly grads: NamedTensors;
}

export interface LbfgsOptions {
  /** The length of a step, and with a line search the length that is tried first. Default 1. */
  readonly learningRate?: number;
  /** Search each line until the strong Wolfe conditions hold, instead of taking one length. Default true. */
  readonly lineSearch?: boolean;
  /** Directions tried in one `step`. Default 20. */
  readonly maxIterations?: number;
  /** Evaluations in one `step`, after which no other iteration begins. Default 5/4 of maxIterations. */
  readonly maxEvaluations?: number;
  /** Steps that are remembered. Default 100. */
  readonly historySize?: number;
  /** Stop where no gradient is larger. Default 1e-7. */
  readonly gradientTolerance?: number;
  /** Stop where neither the parameters nor the value change by more. Default 1e-9. */
  readonly changeTolerance?: number;
  /** Ends a step after the iteration under way; what was reached is returned, with `stopped: "signal"`. */
  readonly signal?: AbortSignal;
}

/** Why a step ended: the gradient or the change is small enough, a limit was reached, or the signal was given. */
export type Stop = "gradient" | "change" | "iterations" | "evaluations" | "signal";

/** A step that was made: how far it went, how the gradient changed, and the inverse of their product. */
interface Correction {
  readonly s: Vector;
  readonly y: Vector;
  readonly inverse: number;
}

/** The last direction, to learn from at the next iteration. */
interface Last {
  readonly direction: Vector;
  readonly length: number;
  readonly gradient: Vector;
}

/** Where a minimisation stands: plain data. */
export interface LbfgsState {
  readonly layout: Layout;
  readonly point: Vector;
  readonly corrections: readonly Correction[];
  /** What the identity is scaled by, before the corrections. */
  readonly scale: number;
  readonly last: Last | undefined;
  readonly iterations: number;
  readonly evaluations: number;
  readonly stopped: Stop | undefined;
}

export interface Lbfgs {
  /** The state at the parameters where a minimisation begins. */
  init(parameters: NamedTensors): Promise<LbfgsState>;
  /** Up to `maxIterations` iterations. @throws AttributeError when the function or its gradient is not finite where a line starts. */
  step(objective: Objective, state: LbfgsState): Promise<LbfgsState>;
}

/** The parameters where a minimisation stands. */
export function parametersOf({ layout, point }: LbfgsState): NamedTensors {
  return toTensors(layout, point);
}

/** Value and gradient at a point, on the host. */
export async function evaluateAt(objective: Objective, layout: Layout, point: Vector): Promise<Evaluated> {
  const parameters = toTensors(layout, point);
  const used: Tensor[] = [...parameters.values()];
  try {
    const { value, grads } = await objective(parameters);
    used.push(value, ...grads.values());
    const [number, gradient] = await Promise.all([value.item(), toVector(layout, grads, "the gradient")]);
    return { value: Number.isFinite(number) ? number : Infinity, gradient };
  } finally {
    for (const tensor of used) tensor.dispose();
  }
}

function checkFinite({ value, gradient }: Evaluated): void {
  if (value === Infinity || !Number.isFinite(largest(gradient)))
    throw new AttributeError(
      "lbfgs",
      "the function or its gradient is not finite",
      "start elsewhere, search the lines (lineSearch: true), or lower learningRate",
    );
}

/** Downhill by the two loops of Nocedal (1980). */
function directionFrom(gradient: Vector, corrections: readonly Correction[], scale: number): Vector {
  let q = times(gradient, -1);
  const shares: number[] = [];
  for (const { s, y, inverse } of corrections.toReversed()) {
    const share = dot(s, q) * inverse;
    shares.push(share);
    q = plus(q, -share, y);
  }
  let direction = times(q, scale);
  for (const { s, y, inverse } of corrections)
    direction = plus(direction, (shares.pop() ?? 0) - dot(y, direction) * inverse, s);
  return direction;
}

/**
 * L-BFGS, as in PyTorch, but with a line search unless it is left out. The vectors are on the host, in float64; each evaluation sends the parameters to the
 * objective and reads value and gradients back. For deterministic objectives: whole batches, no dropout.
 * @example
 * const method = lbfgs({ historySize: 10 });
 * let state = await method.init(parameters);
 * for (let k = 0; k < 10; k++) state = await method.step(objective, state);
 * @throws AttributeError for numbers out of range.
 */
export function lbfgs(options: LbfgsOptions = {}): Lbfgs {
  const {
    learningRate = 1,
    lineSearch = true,
    maxIterations = 20,
    historySize = 100,
  } = optionsOf("lbfgs", options, "{ maxIterations: 20 }");
  const { gradientTolerance = 1e-7, changeTolerance = 1e-9, signal } = options;
  const { maxEvaluations = Math.max(1, Math.floor((maxIterations * 5) / 4)) } = options;
  checkNotNegative("lbfgs", { learningRate, gradientTolerance, changeTolerance });
  checkSteps("lbfgs", { maxIterations, maxEvaluations, historySize });

  /** The state with what the last step taught. */
  const learned = (state: LbfgsState, gradient: Vector): Pick<LbfgsState, "corrections" | "scale"> => {
    const { corrections, scale, last } = state;
    if (!last) return { corrections, scale };
    const y = plus(gradient, -1, last.gradient);
    const s = times(last.direction, last.length);
    const product = dot(y, s);
    if (!(product > 1e-10)) return { corrections, scale }; // no curvature to learn from
    return {
      corrections: [...corrections, { s, y, inverse: 1 / product }].slice(-historySize),
      scale: product / dot(y, y),
    };
  };

  return {
    async init(parameters) {
      const layout = layoutOf(parameters);
      const point = await toVector(layout, parameters, "the first value");
      return {
        layout,
        point,
        corrections: [],
        scale: 1,
        last: undefined,
        iterations: 0,
        evaluations: 0,
        stopped: undefined,
      };
    },
    async step(objective, before) {
      const evaluate = (point: Vector): Promise<Evaluated> => evaluateAt(objective, before.layout, point);
      if (signal?.aborted) return { ...before, stopped: "signal" };
      let here = await evaluate(before.point);
      let state: LbfgsState = { ...before, evaluations: before.evaluations + 1, stopped: undefined };
      if (largest(here.gradient) <= gradientTolerance) return { ...state, stopped: "gradient" };
      for (let iteration = 1; ; iteration++) {
        checkFinite(here);
        const { gradient, value } = here;
        state = { ...state, ...learned(state, gradient), iterations: state.iterations + 1 };
        const first = state.last === undefined;
        const direction = directionFrom(gradient, state.corrections, state.scale);
        // Before anything is learned, a step of length 1 at most.
        const firstLength = first
          ? Math.min(1, 1 / gradient.reduce((sum, x) => sum + Math.abs(x), 0)) * learningRate
          : learningRate;
        if (dot(gradient, direction) > -changeTolerance)
          return { ...state, last: { direction, length: firstLength, gradient }, stopped: "change" };
        const from = state.point;
        const along = (length: number): Vector => plus(from, length, direction);
        const found: Found | undefined = lineSearch
          ? await strongWolfe({ from: here, direction, firstLength, evaluate: (length) => evaluate(along(length)) })
          : iteration < maxIterations
            ? { length: firstLength, at: await evaluate(along(firstLength)), evaluations: 1 }
            : undefined; // nobody would look at the value
        const length = found?.length ?? firstLength;
        here = found?.at ?? here;
        state = {
          ...state,
          point: along(length),
          last: { direction, length, gradient },
          evaluations: state.evaluations + (found?.evaluations ?? 0),
        };
        if (iteration === maxIterations) return { ...state, stopped: "iterations" };
        if (signal?.aborted) return { ...state, stopped: "signal" };
        if (state.evaluations - before.evaluations >= maxEvaluations) return { ...state, stopped: "evaluations" };
        if (largest(here.gradient) <= gradientTolerance) return { ...state, stopped: "gradient" };
        if (largest(direction) * length <= changeTolerance || Math.abs(here.value - value) < changeTolerance)
          return { ...state, stopped: "change" };
      }
    },
  };
}
