// The normal distribution cut to an interval, by rejection: exact for any interval, far tails included.
import { AttributeError } from "../errors.ts";
import type { RandomKey } from "./key.ts";
import { philox4x32 } from "./philox.ts";

/** The interval that values are kept to; mean and standard deviation are those before truncation, 0 and 1 by default. */
export interface TruncatedNormalOptions {
  readonly mean?: number;
  readonly standardDeviation?: number;
  readonly low: number;
  readonly high: number;
}

/** Turns u in (0, 1] and v in [0, 1) into a candidate and the probability with which to keep it. */
type Proposal = (u: number, v: number) => readonly [candidate: number, keep: number];

// Robert, "Simulation of Truncated Normal Variables" (1995): the proposal follows the interval, so that two candidates in five are kept at least.
function proposalFor(low: number, high: number): Proposal {
  if (low > 0) {
    const rate = (low + Math.sqrt(low * low + 4)) / 2;
    const mass = -Math.expm1(-rate * (high - low));
    const beyond = Math.max(0, rate - high);
    return (u) => {
      const candidate = low - Math.log1p(-mass * (1 - u)) / rate;
      return [candidate, Math.exp((beyond ** 2 - (candidate - rate) ** 2) / 2)];
    };
  }
  if (high < 0) {
    const mirrored = proposalFor(-high, -low);
    return (u, v) => {
      const [candidate, keep] = mirrored(u, v);
      return [-candidate, keep];
    };
  }
  if (high - low < 2.5)
    return (u) => {
      const candidate = low + (high - low) * u;
      return [candidate, Math.exp(-(candidate ** 2) / 2)];
    };
  return (u, v) => {
    const candidate = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    return [candidate, candidate >= low && candidate <= high ? 1 : 0];
  };
}

/**
 * Fills `out` with normally distributed numbers kept to `[low, high]`, computed in float64 and rounded once to float32.
 *
 * Element i takes the Philox blocks with counter `(i mod 2^32, i div 2^32, attempt, 0)`, attempt = 0, 1, ... until one is kept.
 * @throws AttributeError when `low > high`, or the standard deviation is not positive and finite
 */
export function fillTruncatedNormal(
  key: RandomKey,
  offset: number,
  out: Float32Array,
  options: TruncatedNormalOptions,
): void {
  const { mean = 0, standardDeviation = 1, low, high } = options;
  if (!(low <= high && low < Infinity && high > -Infinity))
    throw new AttributeError("truncatedNormal", `low ${low} and high ${high} are not an interval`, "pass low <= high");
  if (!(standardDeviation > 0 && standardDeviation < Infinity && Number.isFinite(mean)))
    throw new AttributeError(
      "truncatedNormal",
      `mean ${mean} and standardDeviation ${standardDeviation} are no normal distribution`,
      "pass finite numbers, the second above 0",
    );
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new AttributeError(
      "truncatedNormal",
      `offset ${offset} is not an integer from 0 to 2^53 - 1`,
      "pass the index of the first element",
    );
  const propose = proposalFor((low - mean) / standardDeviation, (high - mean) / standardDeviation);
  const block = new Uint32Array(4);
  for (let index = 0; index < out.length; index++) {
    const element = offset + index;
    for (let attempt = 0; ; attempt++) {
      philox4x32(element, Math.floor(element / 2 ** 32), attempt, 0, key.low, key.high, block, 0);
      const [first = 0, second = 0, third = 0] = block;
      const [candidate, keep] = propose((first + 1) * 2 ** -32, second * 2 ** -32);
      if (third * 2 ** -32 >= keep) continue;
      out[index] = Math.min(high, Math.max(low, mean + standardDeviation * candidate));
      break;
    }
  }
}
