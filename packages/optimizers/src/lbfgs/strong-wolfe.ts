// A line search to the strong Wolfe conditions, as in PyTorch: bracket a minimum along a line, then zoom in by cubic interpolation
// (Nocedal & Wright 2006, algorithms 3.5 and 3.6).
import { type Vector, dot, largest } from "./vector.ts";

/** The function at a point: its value, which is Infinity where it is not finite, and its gradient. */
export interface Evaluated {
  readonly value: number;
  readonly gradient: Vector;
}

/** A point on the line. */
interface Trial extends Evaluated {
  /** How far along the line. */
  readonly length: number;
  /** The derivative along the line. */
  readonly slope: number;
}

export interface Found {
  readonly length: number;
  readonly at: Evaluated;
  readonly evaluations: number;
}

export interface Line {
  /** The first point and its gradient. */
  readonly from: Evaluated;
  readonly direction: Vector;
  /** The step that is tried first. */
  readonly firstLength: number;
  /** The function `length` along the line. */
  evaluate(length: number): Promise<Evaluated>;
}

/** Sufficient decrease, curvature (of the first slope), and when to give up. */
const [decrease, curvature, mostIterations, smallestBracket] = [1e-4, 0.9, 25, 1e-9];

/** The minimum, within bounds, of the cubic through two points with their slopes; the middle where it has none. */
function cubicMinimum(
  a: Trial,
  b: Trial,
  low: number = Math.min(a.length, b.length),
  high: number = Math.max(a.length, b.length),
): number {
  const [left, right] = a.length <= b.length ? [a, b] : [b, a];
  const d1 = left.slope + right.slope - (3 * (left.value - right.value)) / (left.length - right.length);
  const d2 = Math.sqrt(d1 ** 2 - left.slope * right.slope);
  const place =
    right.length - (right.length - left.length) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Number.isNaN(place) ? (low + high) / 2 : Math.min(Math.max(place, low), high);
}

/** Moves a step that falls too near an end of the bracket, when the last one did too. */
function away(length: number, [a, b]: readonly [Trial, Trial], stuck: boolean): { length: number; stuck: boolean } {
  const [low, high] = [Math.min(a.length, b.length), Math.max(a.length, b.length)];
  const margin = 0.1 * (high - low);
  if (Math.min(high - length, length - low) >= margin) return { length, stuck: false };
  if (!stuck && length < high && length > low) return { length, stuck: true };
  return { length: high - length < length - low ? high - margin : low + margin, stuck: false };
}

/** The step along a line of descent that satisfies the strong Wolfe conditions, or the best one that was found. */
export async function strongWolfe({ from, direction, firstLength, evaluate }: Line): Promise<Found> {
  let evaluations = 0;
  const trialAt = async (length: number): Promise<Trial> => {
    const at = await evaluate(length);
    evaluations++;
    return { ...at, length, slope: dot(at.gradient, direction) };
  };
  const start: Trial = { ...from, length: 0, slope: dot(from.gradient, direction) };
  const tooHigh = ({ value, length }: Trial): boolean => value > start.value + decrease * length * start.slope;
  const flat = ({ slope }: Trial): boolean => Math.abs(slope) <= -curvature * start.slope;
  const found = ({ length, value, gradient }: Trial): Found => ({ length, at: { value, gradient }, evaluations });

  // Further out until a minimum is bracketed.
  let [previous, trial] = [start, await trialAt(firstLength)];
  let iterations = 0;
  for (; ; iterations++) {
    if (iterations === mostIterations) return found(start.value <= trial.value ? start : trial);
    if (tooHigh(trial) || (iterations > 1 && trial.value >= previous.value)) break;
    if (flat(trial)) return found(trial);
    if (trial.slope >= 0) break;
    const least = trial.length + 0.01 * (trial.length - previous.length);
    const next = cubicMinimum(previous, trial, least, trial.length * 10);
    [previous, trial] = [trial, await trialAt(next)];
  }

  // Inward: `low` is the best point so far with sufficient decrease, `high` the other end. (PyTorch takes the lower end for `low` whether it has
  // decreased enough or not, and so may end at one that has not.)
  let [low, high] = tooHigh(trial) || trial.value >= previous.value ? [previous, trial] : [trial, previous];
  const span = largest(direction);
  let stuck = false;
  for (; iterations < mostIterations; iterations++) {
    if (Math.abs(high.length - low.length) * span < smallestBracket) break;
    const moved = away(cubicMinimum(low, high), [low, high], stuck);
    stuck = moved.stuck;
    trial = await trialAt(moved.length);
    if (tooHigh(trial) || trial.value >= low.value) {
      high = trial;
    } else {
      if (flat(trial)) return found(trial);
      if (trial.slope * (high.length - low.length) >= 0) high = low;
      low = trial;
    }
  }
  return found(low);
}
