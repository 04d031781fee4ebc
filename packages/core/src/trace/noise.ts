// Noise inputs: drawn on the host before each run, from a stream that the root seed, the step and the stream's name fix.
import { type Aval, at, sizeOf } from "../tensor/aval.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { NoiseSpec } from "../graph/graph.ts";
import { fillBernoulli, fillNormal, fillUniform, permutationOf, rootSeed, streamKey } from "../random/index.ts";

/** The numbers of a noise input at `step`, or a part of it: the same on every backend. */
export function fillNoise(value: Aval, noise: NoiseSpec, step: number, part = 0): TypedArray {
  const key = streamKey(rootSeed(), "noise", noise.stream, String(step), ...(part > 0 ? [part] : []));
  if (noise.distribution === "permutation") return Int32Array.from(permutationOf(key, sizeOf(value.shape)));
  const data = new Float32Array(sizeOf(value.shape));
  const [first, second] = [noise.parameters[0] ?? 0, noise.parameters[1] ?? 0];
  if (noise.distribution === "bernoulli") {
    fillBernoulli(key, 0, data, first);
    return data;
  }
  if (noise.distribution === "normal") {
    fillNormal(key, 0, data);
    for (let i = 0; i < data.length; i++) data[i] = first + second * at(data, i);
    return data;
  }
  fillUniform(key, 0, data);
  for (let i = 0; i < data.length; i++) data[i] = first + (second - first) * at(data, i);
  return data;
}
