// Gradients of a layer by its inputs and its parameters, against finite differences along given directions.
import { type RunContext, type Tensor, at, compile, fromHost, grad } from "@stria/core";

export type Computation = (values: readonly Tensor[]) => readonly Tensor[];

/** Noise is drawn as of this step in every run. */
const context: RunContext = { step: 0, learningRate: 0 };

/** A power of two, so that values that are multiples of 1/256 stay exact. */
const step = 2 ** -6;

/** Numbers between -1 and 1 that look random. */
function pseudo(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(12.9898 * (index + 1) + 78.233 * seed));
}

/**
 * The largest difference between what the gradients say and what happens when one input moves, relative to the largest slope (at least 1). Outputs are weighted
 * by fixed numbers; what is not float32 is left alone.
 */
export async function gradientFault(f: Computation, inputs: readonly Tensor[]): Promise<number> {
  const weighted: Computation = (values) =>
    f(values).map((y, index) => y.mul(fromHost(pseudo(y.size, 100 + index), y.shape, "float32")).sum());
  const value = compile(weighted);
  const numbers = [...inputs.keys()].filter((index) => at(inputs, index).dtype === "float32");
  const gradients = compile((values: readonly Tensor[]) =>
    grad((list: readonly Tensor[]) => {
      const all = values.map((one, index) => list[numbers.indexOf(index)] ?? one);
      return weighted(all).reduce((sum, part) => sum.add(part));
    })(numbers.map((index) => at(values, index))),
  );
  const found = gradients.runWith(context, inputs);
  const data = await Promise.all(inputs.map((input) => input.data()));
  let [worst, scale] = [0, 1];
  for (const [place, index] of numbers.entries()) {
    const input = at(inputs, index);
    const gradient = Array.from(await at(found, place).data());
    for (const seed of [1, 2, 3]) {
      const direction = pseudo(input.size, 10 * index + seed);
      const along = async (t: number): Promise<number> => {
        const moved = Float32Array.from(at(data, index), (x, element) => x + t * at(direction, element));
        const parts = value.runWith(context, inputs.with(index, fromHost(moved, input.shape, "float32")));
        const sums = await Promise.all(parts.map((part) => part.item()));
        return sums.reduce((sum, part) => sum + part, 0);
      };
      const central = async (t: number): Promise<number> => ((await along(t)) - (await along(-t))) / (2 * t);
      // Extrapolated once (Richardson), so that the error is of the fourth order.
      const slope = (4 * (await central(step / 2)) - (await central(step))) / 3;
      const said = gradient.reduce((sum, part, element) => sum + part * at(direction, element), 0);
      scale = Math.max(scale, Math.abs(slope));
      worst = Math.max(worst, Math.abs(slope - said));
    }
  }
  return worst / scale;
}
