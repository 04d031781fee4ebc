// Gradients against finite differences: what the author of an op or of a layer asks first.
import { type Tensor, StriaError, at, fillUniform, grad, showAval, streamKey, tensor } from "@stria/core";

export interface GradientOptions {
  /** Largest difference, as a share of the largest element of the gradient, at least 1. Default 2e-3: float32 values and a step of 1/64. */
  readonly tolerance?: number;
  /** Whether the gradient's own gradient is checked as well. Default true. */
  readonly second?: boolean;
}

/** A gradient, or an op, that is not what it should be. */
export class CheckError extends StriaError {}

type Differentiable = (...inputs: Tensor[]) => Tensor;

const step = 2 ** -6;

/** Numbers without pattern, away from 0: sums weighted by them hide nothing. */
function weightsOf(y: Tensor, name: string): Tensor {
  const drawn = new Float32Array(y.size);
  fillUniform(streamKey(1, "checkGradient", name), 0, drawn);
  return tensor(
    drawn.map((value, index) => (index % 2 === 0 ? 1 : -1) * (0.5 + value)),
    { shape: y.shape },
  );
}

/** The slope of t -> f(inputs + t on one element): central differences, extrapolated once (Richardson 1911). */
async function slope(f: Differentiable, inputs: readonly Tensor[], which: number, element: number): Promise<number> {
  const [moved, others] = [at(inputs, which), await at(inputs, which).data()];
  const valueAt = async (t: number): Promise<number> => {
    const data = Float32Array.from(others, (value, index) => (index === element ? value + t : value));
    return f(...inputs.map((input, index) => (index === which ? tensor(data, { shape: moved.shape }) : input))).item();
  };
  const central = async (t: number): Promise<number> => ((await valueAt(t)) - (await valueAt(-t))) / (2 * t);
  return (4 * (await central(step / 2)) - (await central(step))) / 3;
}

/** By place among the inputs; there are gradients by float32 only. */
function gradients(f: Differentiable, inputs: readonly Tensor[]): ReadonlyMap<number, Tensor> {
  const places = [...inputs.keys()].filter((which) => at(inputs, which).dtype === "float32");
  const found = grad((floats: readonly Tensor[]) =>
    f(...inputs.map((input, which) => (places.includes(which) ? at(floats, places.indexOf(which)) : input))),
  )(places.map((which) => at(inputs, which)));
  return new Map(places.map((which, place) => [which, at(found, place)]));
}

async function compare(
  f: Differentiable,
  inputs: readonly Tensor[],
  tolerance: number,
  called: string,
): Promise<string[]> {
  const faults: string[] = [];
  const found = gradients(f, inputs);
  for (const [which, gradient] of found) {
    const input = at(inputs, which);
    if (showAval(gradient.aval) !== showAval(input.aval)) {
      faults.push(`${called} by input ${which} is ${showAval(gradient.aval)} instead of ${showAval(input.aval)}`);
      continue;
    }
    const values = await gradient.data();
    const wanted: number[] = [];
    for (let element = 0; element < input.size; element++) wanted.push(await slope(f, inputs, which, element));
    const scale = Math.max(1, ...wanted.map(Math.abs));
    const wrong = wanted.findIndex((value, element) => !(Math.abs(value - at(values, element)) <= tolerance * scale));
    if (wrong >= 0)
      faults.push(
        `${called} by input ${which} is ${at(values, wrong)} at element ${wrong}, and differences give ${at(wanted, wrong)}`,
      );
  }
  return faults;
}

/**
 * Checks the gradient of `f` by every element of its float32 inputs against finite differences, and the gradient of that gradient, on the default backend;
 * `reference()` of `@stria/core/reference` has the least rounding.
 *
 * Inputs of a few elements are enough, and they should lie at least 1/32 away from kinks (0 of `relu`, equal elements of a maximum).
 * @throws CheckError where they differ
 * @example await checkGradient((x) => softplus(x), [tensor([-1.5, 0.25, 2])]);
 */
export async function checkGradient(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { tolerance = 2e-3, second = true }: GradientOptions = {},
): Promise<void> {
  const weights = weightsOf(f(...inputs), "y");
  const weighted: Differentiable = (...list) =>
    f(...list)
      .mul(weights)
      .sum();
  const faults = await compare(weighted, inputs, tolerance, "the gradient");
  if (second && faults.length === 0) {
    const flat: Differentiable = (...list) =>
      [...gradients(weighted, list)]
        .map(([which, gradient]) => gradient.mul(weightsOf(gradient, `gradient ${which}`)).sum())
        .reduce((sum, part) => sum.add(part));
    faults.push(...(await compare(flat, inputs, 3 * tolerance, "the second gradient")));
  }
  if (faults.length > 0)
    throw new CheckError("checkGradient", faults.join("; "), "correct vjp, or move the inputs away from kinks");
}
