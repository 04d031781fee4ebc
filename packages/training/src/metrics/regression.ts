// Errors of numbers: mean absolute, mean squared, and the share of variance explained.
import {
  ShapeError,
  type Tensor,
  abs,
  cast,
  concat,
  div,
  mul,
  reshape,
  sameShape,
  showShape,
  square,
  sub,
  sum,
} from "@stria/core";
import { placesThatCount } from "./decisions.ts";
import { meanOf } from "./mean.ts";
import type { Accumulator, Metric } from "./metric.ts";

/** Outputs in the shape of the targets: [N, 1] and [N] are the same numbers. @throws ShapeError. */
function alike(name: string, outputs: Tensor, y: Tensor): readonly [Tensor, Tensor] {
  const withoutOnes = (shape: readonly number[]): number[] => shape.filter((size, axis) => axis === 0 || size !== 1);
  if (!sameShape(withoutOnes(outputs.shape), withoutOnes(y.shape)))
    throw new ShapeError(
      name,
      `the outputs are ${showShape(outputs.shape)} for targets ${showShape(y.shape)}`,
      "give outputs of the targets' shape",
    );
  return [reshape(outputs, y.shape), cast(y, "float32")];
}

/** The mean of |output - target| over all numbers. @throws ShapeError where the shapes differ. */
export const meanAbsoluteError: Metric = /* @__PURE__ */ meanOf((outputs, { y }) => {
  const [found, wanted] = alike("meanAbsoluteError", outputs, y);
  return abs(sub(found, wanted));
});

/** The mean of (output - target)^2 over all numbers. @throws ShapeError where the shapes differ. */
export const meanSquaredError: Metric = /* @__PURE__ */ meanOf((outputs, { y }) => {
  const [found, wanted] = alike("meanSquaredError", outputs, y);
  return square(sub(found, wanted));
});

/**
 * R^2 = 1 - sum of squared errors / sum of squares about the mean target, over all numbers. The sums about the mean are combined as in Chan, Golub &
 * LeVeque (1983), so that a mean far from 0 costs no digits. @throws ShapeError where the shapes differ.
 */
export const rSquared: Metric = {
  measure(outputs, { y, mask }) {
    const [found, wanted] = alike("rSquared", outputs, y);
    const weights = reshape(placesThatCount(y, mask), y.shape);
    const count = sum(weights);
    const mean = div(sum(mul(wanted, weights)), count);
    const squares = (of: Tensor): Tensor => sum(mul(square(of), weights));
    const figures = [count, mean, squares(sub(wanted, mean)), squares(sub(found, wanted))];
    return concat(
      figures.map((figure) => reshape(figure, [1])),
      0,
    );
  },
  start: (saved) => startVariance(saved),
};

/** Contributions [count, mean, squares about the mean, squared errors]. */
function startVariance(saved?: Float64Array): Accumulator<number> {
  let [count = 0, mean = 0, squares = 0, errors = 0] = saved ?? [];
  return {
    add([n = 0, m = 0, s = 0, e = 0]) {
      if (n === 0) return; // a batch of padding: its mean is 0 / 0
      const [total, apart] = [count + n, m - mean];
      squares += s + (apart * apart * count * n) / total;
      mean += (apart * n) / total;
      errors += e;
      count = total;
    },
    result: () => 1 - errors / squares,
    save: () => Float64Array.of(count, mean, squares, errors),
  };
}
