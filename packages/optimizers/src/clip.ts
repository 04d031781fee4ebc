// Clipping of gradients, by their norm over all parameters and value by value.
import {
  AttributeError,
  type Tensor,
  abs,
  add,
  div,
  max,
  maximum,
  minimum,
  mul,
  pow,
  sqrt,
  square,
  sum,
  zeros,
} from "@stria/core";
import { type GradientTransformation, type NamedTensors, mapValues } from "./optimizer.ts";

/** PyTorch's, so that a norm of 0 divides. */
const epsilon = 1e-6;

/** The norm of all gradients together, as of one long vector: (sum |g|^order)^(1/order); Infinity: the largest. */
export function globalNorm(gradients: NamedTensors, order = 2): Tensor {
  const all = [...gradients.values()];
  if (order === Infinity) return all.map((g) => max(abs(g))).reduce((a, b) => maximum(a, b), zeros([]));
  const powers = all.map((g) => sum(order === 2 ? square(g) : order === 1 ? abs(g) : pow(abs(g), order)));
  const total = powers.reduce((a, b) => add(a, b), zeros([]));
  if (order === 1) return total;
  return order === 2 ? sqrt(total) : pow(total, 1 / order);
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), where the norm is over all parameters (Pascanu et al. 2013).
 * @param order of the norm, above 0; Infinity for the largest value. Default 2.
 */
export function clipByGlobalNorm(
  maxNorm: number,
  { order = 2 }: { readonly order?: number } = {},
): GradientTransformation {
  if (!(maxNorm > 0)) throw new AttributeError("clipByGlobalNorm", `maxNorm is ${maxNorm}`, "use a number above 0");
  if (!(order > 0))
    throw new AttributeError("clipByGlobalNorm", `order is ${order}`, "use a number above 0, or Infinity");
  return {
    init: () => new Map(),
    apply({ gradients }) {
      const factor = minimum(div(maxNorm, add(globalNorm(gradients, order), epsilon)), 1);
      return { gradients: mapValues(gradients, (gradient) => mul(gradient, factor)), state: new Map() };
    },
  };
}

/** Keeps every value of every gradient within [-limit, limit]. */
export function clipByValue(limit: number): GradientTransformation {
  if (!(limit > 0)) throw new AttributeError("clipByValue", `limit is ${limit}`, "use a number above 0");
  return {
    init: () => new Map(),
    apply: ({ gradients }) => ({
      gradients: mapValues(gradients, (gradient) => maximum(minimum(gradient, limit), -limit)),
      state: new Map(),
    }),
  };
}
