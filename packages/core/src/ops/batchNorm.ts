// Batch normalisation (Ioffe & Szegedy 2015).
import { type Aval, at, showShape, sizeOf } from "../tensor/aval.ts";
import { type TensorLike, apply, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { div } from "./div.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { checkFinite } from "./support/shape-rules.ts";
import { sqrt } from "./sqrt.ts";
import { sub } from "./sub.ts";
import { mean, sum } from "./sum.ts";

export interface EpsilonAttrs {
  readonly epsilon: number;
}

function checkPerChannel(op: string, x: Aval, epsilon: number, others: readonly (Aval | undefined)[]): void {
  checkDType(op, x, floats);
  checkFinite(op, "epsilon", epsilon);
  if (x.shape.length < 2) throw new ShapeError(op, `the input is ${showShape(x.shape)}`, "give [batch, channels, ...]");
  for (const other of others) {
    const value = present(op, other);
    checkDType(op, value, floats);
    if (value.shape.length !== 1 || value.shape[0] !== x.shape[1])
      throw new ShapeError(
        op,
        `a parameter is ${showShape(value.shape)}, the input ${showShape(x.shape)}`,
        `give one number for each of the ${x.shape[1]} channels`,
      );
  }
}

/** [C] as [1, C, 1, ...]. */
function perChannel(x: Tensor, rank: number): Tensor {
  return reshape(x, [1, x.size, ...Array.from({ length: rank - 2 }, () => 1)]);
}

function otherAxes(x: Tensor): number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}

export const batchNormTrainingOp: Op<EpsilonAttrs> = /* @__PURE__ */ defineOp<EpsilonAttrs>("batchNormTraining", {
  infer([x, weight, bias], { epsilon }) {
    const operand = present("batchNormTraining", x);
    checkPerChannel("batchNormTraining", operand, epsilon, [weight, bias]);
    const statistic: Aval = { shape: [at(operand.shape, 1)], dtype: operand.dtype };
    return [operand, statistic, statistic];
  },
  vjp({ dys, inputs, outputs, attrs }) {
    const [x, weight] = [at(inputs, 0), at(inputs, 1)];
    const [mu, variance] = [at(outputs, 1), at(outputs, 2)];
    const [dy, dMean, dVariance] = dys;
    const [dx, dWeight, dBias] = dy ? apply(batchNormGradientOp, [dy, x, weight, mu, variance], { ...attrs }) : [];
    let gradient = dx ?? null;
    const count = x.size / Math.max(1, at(x.shape, 1));
    const also = (term: Tensor): void => void (gradient = gradient ? add(gradient, term) : broadcastTo(term, x.shape));
    if (dMean) also(perChannel(mul(dMean, 1 / count), x.rank));
    if (dVariance) also(mul(sub(x, perChannel(mu, x.rank)), perChannel(mul(dVariance, 2 / count), x.rank)));
    return [gradient, dWeight ?? null, dBias ?? null];
  },
  decompose([input, scale, shift], { epsilon }) {
    const [x, weight, bias] = [present("batchNorm", input), present("batchNorm", scale), present("batchNorm", shift)];
    const axes = otherAxes(x);
    const mu = mean(x, axes);
    const centred = sub(x, perChannel(mu, x.rank));
    const variance = mean(mul(centred, centred), axes);
    const factor = div(weight, sqrt(add(variance, epsilon)));
    return [add(mul(centred, perChannel(factor, x.rank)), perChannel(bias, x.rank)), mu, variance];
  },
});

export const batchNormGradientOp: Op<EpsilonAttrs> = /* @__PURE__ */ defineOp<EpsilonAttrs>("batchNormGradient", {
  infer([dy, x, weight, mu, variance], { epsilon }) {
    const operand = present("batchNormGradient", x);
    checkPerChannel("batchNormGradient", operand, epsilon, [weight, mu, variance]);
    if (showShape(present("batchNormGradient", dy).shape) !== showShape(operand.shape))
      throw new ShapeError("batchNormGradient", "dy and x differ in shape", "give the cotangent of y");
    const parameter: Aval = { shape: [at(operand.shape, 1)], dtype: operand.dtype };
    return [operand, parameter, parameter];
  },
  decompose([cotangent, input, scale, centre, spread], { epsilon }) {
    const name = "batchNormGradient";
    const [dy, x, weight] = [present(name, cotangent), present(name, input), present(name, scale)];
    const [mu, variance] = [present(name, centre), present(name, spread)];
    const axes = otherAxes(x);
    const inverse = div(1, sqrt(add(variance, epsilon)));
    const normal = mul(sub(x, perChannel(mu, x.rank)), perChannel(inverse, x.rank));
    const dBias = sum(dy, axes);
    const dWeight = sum(mul(dy, normal), axes);
    const count = sizeOf(x.shape) / Math.max(1, at(x.shape, 1));
    const average = (value: Tensor): Tensor => perChannel(mul(value, 1 / count), x.rank);
    const dx = mul(
      sub(sub(dy, average(dBias)), mul(normal, average(dWeight))),
      perChannel(mul(weight, inverse), x.rank),
    );
    return [dx, dWeight, dBias];
  },
});

/**
 * Normalises `x` [N, C, ...] by the mean and the biased variance of each channel over the batch and the spatial axes, then scales and shifts.
 * Returns y and both statistics [C].
 */
export function batchNormTraining(
  x: TensorLike,
  weight: TensorLike,
  bias: TensorLike,
  epsilon = 1e-5,
): { y: Tensor; mean: Tensor; variance: Tensor } {
  const inputs = [x, weight, bias].map((input) => asTensor(input, "batchNorm"));
  const [y, mu, variance] = apply(batchNormTrainingOp, inputs, { epsilon });
  return { y: present("batchNorm", y), mean: present("batchNorm", mu), variance: present("batchNorm", variance) };
}

/** Normalises `x` [N, C, ...] by given statistics [C]: (x - mean) / sqrt(variance + epsilon) * weight + bias. */
export function batchNormEvaluation(
  x: TensorLike,
  weight: TensorLike,
  bias: TensorLike,
  statistics: { readonly mean: TensorLike; readonly variance: TensorLike },
  epsilon = 1e-5,
): Tensor {
  const tensor = asTensor(x, "batchNorm");
  checkPerChannel(
    "batchNorm",
    tensor.aval,
    epsilon,
    [weight, bias, statistics.mean, statistics.variance].map((value) => asTensor(value, "batchNorm").aval),
  );
  const factor = div(weight, sqrt(add(statistics.variance, epsilon)));
  const shift = sub(bias, mul(statistics.mean, factor));
  return add(mul(tensor, perChannel(factor, tensor.rank)), perChannel(shift, tensor.rank));
}
