// How far rounding alone can take a result: the reference, with every result of an op rounded at random (Monte Carlo arithmetic; Parker, 1997). Where sums
// cancel out and are then divided by small deviations, nothing but rounding errors is left, and no program can be held to them.
import { type Backend, dtypes, type TypedArray } from "@stria/core";
import { fromKernels, type Kernel } from "@stria/core/backends";
import { references } from "@stria/core/reference";
import type { Random } from "./random.ts";

/** These choose, move and count, and round nothing. */
const exact: ReadonlySet<string> = new Set([
  "reshape",
  "transpose",
  "broadcastTo",
  "slice",
  "pad",
  "flip",
  "concat",
  "identity",
  "stopGradient",
  "full",
  "iota",
  "cast",
  "where",
  "maximum",
  "minimum",
  "max",
  "relu",
  "neg",
  "abs",
  "sign",
  "floor",
  "round",
  "maxPool",
  "maxPoolGather",
  "gather",
  "take",
  "argMax",
  "argSort",
]);

/** Numbers that each are off by at most so many units of 2^-23 of themselves; 0 stays. */
function roundedAtRandom(values: TypedArray, units: number, random: Random): TypedArray {
  return values instanceof Float32Array
    ? values.map((value) => value * (1 + random.between(-units, units) * 2 ** -23))
    : values;
}

/** What a program is given, with the fractions about their last digit away. */
export function shaken(values: readonly TypedArray[], random: Random): TypedArray[] {
  return values.map((data) => roundedAtRandom(data, 2, random));
}

/** The reference, whose results are off by one unit each. */
export function roundingReference(random: Random): Backend {
  const noisy = (name: string, kernel: Kernel<TypedArray>): Kernel<TypedArray> =>
    exact.has(name)
      ? kernel
      : (inputs, node) => kernel(inputs, node).map((output) => roundedAtRandom(output, 1, random));
  const kernels = Object.fromEntries(Object.entries(references).map(([name, kernel]) => [name, noisy(name, kernel)]));
  return fromKernels<TypedArray>({
    name: "reference, rounding at random",
    dtypes,
    kernels: { ...references, ...kernels },
    upload: (data) => data.slice(),
    download: async (data) => data.slice(),
    free: () => {},
  });
}
