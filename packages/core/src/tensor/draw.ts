// Tensors of random numbers: noise inputs inside a trace, drawn anew at each run; drawn at once outside of one.
import type { Shape } from "./aval.ts";
import { fromHost } from "./create.ts";
import type { NoiseSpec } from "../graph/graph.ts";
import { fillNoise } from "../trace/noise.ts";
import { checkFinite, checkShape } from "../ops/support/shape-rules.ts";
import type { RandomKey } from "../random/key.ts";
import { nextDraw } from "../random/root.ts";
import { permutationOf } from "../random/stream.ts";
import type { Tensor } from "./tensor.ts";
import { currentTrace } from "../trace/trace.ts";
import { AttributeError } from "../errors.ts";

function draw(shape: Shape, noise: NoiseSpec): Tensor {
  const dtype = noise.distribution === "permutation" ? "int32" : "float32";
  const value = { shape: [...checkShape(noise.stream, shape)], dtype } as const;
  const trace = currentTrace();
  return trace
    ? trace.noise(value, noise, fillNoise)
    : fromHost(fillNoise(value, noise, nextDraw()), value.shape, value.dtype);
}

/**
 * Ones with the given probability, zeros elsewhere, as float32. Every draw is a function of the root seed, the stream's name and the step
 * (outside of a step: the number of draws since `setSeed`): the same on every backend.
 * @throws AttributeError when the probability is not from 0 to 1.
 */
export function bernoulli(shape: Shape, probability: number, stream = "bernoulli"): Tensor {
  checkFinite("bernoulli", "probability", probability);
  if (probability < 0 || probability > 1)
    throw new AttributeError("bernoulli", `probability ${probability} is not from 0 to 1`, "pass the share of ones");
  return draw(shape, { stream, distribution: "bernoulli", parameters: [probability] });
}

/** Numbers uniform in [low, high), as float32; drawn as `bernoulli` is. @throws AttributeError for bounds that are not finite. */
export function uniform(shape: Shape, low = 0, high = 1, stream = "uniform"): Tensor {
  checkFinite("uniform", "low", low);
  checkFinite("uniform", "high", high);
  return draw(shape, { stream, distribution: "uniform", parameters: [low, high] });
}

/** Normally distributed numbers, as float32; drawn as `bernoulli` is. @throws AttributeError for figures that are not finite. */
export function normal(shape: Shape, mean = 0, standardDeviation = 1, stream = "normal"): Tensor {
  checkFinite("normal", "mean", mean);
  checkFinite("normal", "standardDeviation", standardDeviation);
  return draw(shape, { stream, distribution: "normal", parameters: [mean, standardDeviation] });
}

/**
 * The whole numbers below `length` in a random order, as int32 [length]; drawn as `bernoulli` is.
 * @throws ShapeError when `length` is no whole number >= 0.
 */
export function permutation(length: number, stream?: string): Tensor;
/** The order that `key` stands for, on the host: see `permutationOf`. */
export function permutation(key: RandomKey, length: number): Uint32Array;
export function permutation(first: number | RandomKey, second: number | string = "permutation"): Tensor | Uint32Array {
  if (typeof first === "object") return permutationOf(first, Number(second));
  return draw([first], { stream: String(second), distribution: "permutation", parameters: [] });
}
