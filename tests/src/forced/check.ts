// Holds a backend whose algorithm is forced to the reference, on convolutions that suit the algorithm: values, gradients, gradients of gradients.
import {
  at,
  type Backend,
  compile,
  fromHost,
  grad,
  type Graph,
  sizeOf,
  square,
  sum,
  type Tensor,
  type TypedArray,
} from "@stria/core";
import { type Size, type Suited, suited, valuesFor } from "./suited.ts";
import type { ForcedAlgorithm } from "./ways.ts";

/**
 * Largest error of one convolution, as a share of the root of the mean square of its result. Sums of some hundred products are off by up to a few 1e-6
 * of that in float32; Winograd's transforms add and subtract what is larger than the result, and have the bound that the project promises.
 */
const tolerance: Readonly<Record<ForcedAlgorithm, number>> = {
  direct: 1e-5,
  indirect: 1e-5,
  packed: 1e-5,
  depthwise: 1e-5,
  "winograd-2x2": 1e-4,
  "winograd-4x4": 1e-4,
};

/** What comes out, and how many convolutions follow one another up to there. */
const results: readonly (readonly [name: string, convolutions: number])[] = [
  ["the result", 1],
  ["the image's gradient", 2],
  ["the weight's gradient", 2],
  ["the second gradient by the image", 4],
  ["the second gradient by the weight", 4],
];

/** y, and the gradients of the sum of its squares, and those of the sum of theirs. */
function everything({ f }: Suited): (x: Tensor, weight: Tensor) => readonly Tensor[] {
  const first = grad(([x, weight]: readonly [Tensor, Tensor]) => sum(square(f(x, weight))));
  const second = grad((both: readonly [Tensor, Tensor]) => {
    const [dx, dw] = first(both);
    return sum(square(dx)).add(sum(square(dw)));
  });
  return (x, weight) => [f(x, weight), ...first([x, weight]), ...second([x, weight])];
}

async function run(
  backend: Backend,
  graph: Graph,
  values: readonly TypedArray[],
  { again = false } = {},
): Promise<TypedArray[]> {
  const executable = await backend.compile(graph);
  const inputs = graph.inputs.map(({ value }, index) => backend.upload(at(values, index), at(graph.values, value)));
  if (again) for (const output of executable.run(inputs, [])) backend.free(output);
  const outputs = executable.run(inputs, []);
  try {
    return await Promise.all(outputs.map((output) => backend.download(output)));
  } finally {
    for (const buffer of [...inputs, ...outputs]) backend.free(buffer);
    executable.dispose();
  }
}

/** The largest error as a share of the root of the mean square. */
function errorOf(found: TypedArray, wanted: TypedArray): number {
  let [largest, squares] = [0, 0];
  for (const [index, value] of wanted.entries()) {
    const error = Math.abs(at(found, index) - value);
    largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
    squares += value * value;
  }
  if (found.length !== wanted.length) return Infinity;
  return largest === 0 ? 0 : largest / Math.sqrt(squares / wanted.length);
}

/** Convolutions that suit an algorithm, with what the reference makes of them; traced on the default backend, which runs nothing. */
export interface Answered {
  readonly told: string;
  readonly graph: Graph;
  readonly values: readonly TypedArray[];
  readonly wanted: readonly TypedArray[];
}

function withSettledWeight(graph: Graph): Graph {
  return { ...graph, inputs: graph.inputs.map((input, index) => (index === 1 ? { ...input, role: "param" } : input)) };
}

export async function answered(
  algorithms: ForcedAlgorithm,
  seed: number,
  size: Size,
  oracle: Backend,
): Promise<Answered> {
  const one = suited(algorithms, seed, size);
  const blank = one.shapes.map((shape) => fromHost(new Float32Array(sizeOf(shape)), shape, "float32"));
  const traced = compile(everything(one)).graph(at(blank, 0), at(blank, 1));
  // The weight of every other one stays: what is made of it is made once.
  const graph = seed % 2 === 0 ? traced : withSettledWeight(traced);
  const values = valuesFor(one, seed);
  return { told: one.told, graph, values, wanted: await run(oracle, graph, values) };
}

/** What a backend has otherwise than the reference, in words. */
export async function missesOf(
  backend: Backend,
  algorithms: ForcedAlgorithm,
  { told, graph, values, wanted }: Answered,
): Promise<string[]> {
  const found = await run(backend, graph, values, { again: graph.inputs.some(({ role }) => role === "param") });
  return results.flatMap(([name, convolutions], index) => {
    const error = errorOf(at(found, index), at(wanted, index));
    return error <= convolutions * tolerance[algorithms] ? [] : [`${told}: ${name} is off by ${error} of its mean`];
  });
}
