// Gradients checked by finite differences on the reference.
import { expect } from "vitest";
import { type Tensor, at, grad, sizeOf, tensor } from "../../src/index.ts";
import { generator, uniform } from "./numbers.ts";

export type Differentiable = (...inputs: Tensor[]) => Tensor;

/** Powers of two: with inputs that are multiples of 1/256, x + step and x - step are exact. */
const step = 2 ** -6;

async function dot(y: Tensor, cotangent: Float32Array): Promise<number> {
  const data = await y.data();
  let sum = 0;
  for (const [i, value] of data.entries()) sum += value * at(cotangent, i);
  return sum;
}

/** The derivative at 0 of t -> <f(inputs + t direction), cotangent>: central differences, extrapolated once (Richardson). */
async function slope(
  f: Differentiable,
  inputs: readonly Tensor[],
  directions: readonly (Float32Array | null)[],
  cotangent: Float32Array,
): Promise<number> {
  const data = await Promise.all(inputs.map((input) => input.data()));
  const valueAt = async (t: number): Promise<number> => {
    const moved = inputs.map((input, index) => {
      const direction = directions[index];
      if (!direction) return input;
      return tensor(
        Float32Array.from(at(data, index), (value, i) => value + t * at(direction, i)),
        { shape: input.shape },
      );
    });
    return dot(f(...moved), cotangent);
  };
  const central = async (t: number): Promise<number> => ((await valueAt(t)) - (await valueAt(-t))) / (2 * t);
  return (4 * (await central(step / 2)) - (await central(step))) / 3;
}

async function cotangentOf(f: Differentiable, inputs: readonly Tensor[]): Promise<Float32Array> {
  const { shape } = f(...inputs);
  const data = await uniform(shape, 99, 0.5, 1.5).data();
  return Float32Array.from(data, (value, i) => (i % 2 === 0 ? value : -value));
}

/** The gradients of <f(inputs), cotangent> by the float32 inputs. */
function gradients(f: Differentiable, inputs: readonly Tensor[], cotangent: Tensor): readonly Tensor[] {
  return grad((list: readonly Tensor[]) =>
    f(...list)
      .mul(cotangent)
      .sum(),
  )(inputs);
}

/** The derivatives of <f(inputs), cotangent> by every component of every float32 input, by differences. */
async function derivatives(
  f: Differentiable,
  inputs: readonly Tensor[],
  cotangent: Float32Array,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = new Map<number, readonly number[]>();
  for (const [index, input] of inputs.entries()) {
    if (input.dtype !== "float32") continue;
    const wanted: number[] = [];
    for (let i = 0; i < input.size; i++) {
      const directions = inputs.map((_, other) =>
        other === index ? Float32Array.from({ length: input.size }, (_value, j) => (i === j ? 1 : 0)) : null,
      );
      wanted.push(await slope(f, inputs, directions, cotangent));
    }
    found.set(index, wanted);
  }
  return found;
}

/**
 * A check of every component of the gradient by every float32 input, against differences. These are taken once, however often it is
 * asked: the values of f, which must ask for no gradient itself, do not depend on the rules of gradients.
 */
export function gradientCheck(f: Differentiable, inputs: readonly Tensor[], tolerance = 1e-3): () => Promise<void> {
  const prepare = async () => {
    const cotangent = await cotangentOf(f, inputs);
    return { weights: tensor(cotangent, { shape: f(...inputs).shape }), all: await derivatives(f, inputs, cotangent) };
  };
  let prepared: ReturnType<typeof prepare> | undefined;
  return async () => {
    const { weights, all } = await (prepared ??= prepare());
    const found = gradients(f, inputs, weights);
    for (const [index, wanted] of all) {
      const gradient = await at(found, index).data();
      const scale = Math.max(1, ...wanted.map(Math.abs));
      const errors = wanted.map((value, i) => Math.abs(value - at(gradient, i)) / scale);
      expect(at(found, index).shape).toEqual(at(inputs, index).shape);
      expect(
        Math.max(0, ...errors),
        `gradient by input ${index}: ${gradient.join()} against ${wanted.join()}`,
      ).toBeLessThan(tolerance);
    }
  };
}

/** Every component of the gradient by every float32 input, against differences. */
export async function expectGradient(f: Differentiable, inputs: readonly Tensor[], tolerance = 1e-3): Promise<void> {
  await gradientCheck(f, inputs, tolerance)();
}

/** The gradient of the gradient (summed with weights), along random directions. */
export async function expectSecondGradient(
  f: Differentiable,
  inputs: readonly Tensor[],
  tolerance = 3e-3,
): Promise<void> {
  const cotangent = await cotangentOf(f, inputs);
  const weights = tensor(cotangent, { shape: f(...inputs).shape });
  const differentiable = [...inputs.keys()].filter((index) => at(inputs, index).dtype === "float32");
  const flat: Differentiable = (...list) => {
    const parts = gradients(f, list, weights);
    return differentiable
      .map((index) =>
        at(parts, index)
          .mul(uniform(at(inputs, index).shape, 7 + index))
          .sum(),
      )
      .reduce((sum, part) => sum.add(part));
  };
  const one = Float32Array.of(1);
  const found = await Promise.all(gradients(flat, inputs, tensor(1)).map((gradient) => gradient.data()));
  const next = generator(5);
  for (let trial = 0; trial < 3; trial++) {
    const directions = inputs.map((input) =>
      input.dtype === "float32"
        ? Float32Array.from({ length: sizeOf(input.shape) }, () => (next() < 0.5 ? 1 : -1))
        : null,
    );
    const wanted = await slope(flat, inputs, directions, one);
    let sum = 0;
    let size = 1;
    for (const [index, direction] of directions.entries())
      for (const [i, sign] of (direction ?? []).entries()) {
        const part = sign * at(at(found, index), i);
        sum += part;
        size = Math.max(size, Math.abs(part));
      }
    expect(Math.abs(sum - wanted) / size, `second gradient: ${sum} against ${wanted}`).toBeLessThan(tolerance);
  }
}
