// Normalisation.
import {
  type Tensor,
  add,
  at,
  avgPool,
  batchNormEvaluation,
  div,
  evaluating,
  maximum,
  mean,
  mul,
  namedCells,
  ones,
  pad,
  pow,
  reshape,
  sqrt,
  square,
  sub,
  training,
  zeros,
} from "@stria/core";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import { alongChannels, range } from "./axes.ts";
import type { Answer, Call, CallTable, ExpressionTable } from "./call.ts";
import { variance, vectorNorm } from "./reduce.ts";

interface Layer {
  readonly channels: number;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly epsilon: number;
  readonly runningMean: Tensor | undefined;
  readonly runningVariance: Tensor | undefined;
}

function layerOf(given: Arguments): Layer {
  const channels = given.number("num_features");
  given.flag("affine", true);
  given.flag("track_running_stats", true);
  return {
    channels,
    weight: given.maybe("weight") ?? ones([channels]),
    bias: given.maybe("bias") ?? zeros([channels]),
    epsilon: given.number("eps", 1e-5),
    runningMean: given.maybe("running_mean"),
    runningVariance: given.maybe("running_var"),
  };
}

/** What a statistic becomes: (1 - factor) old + factor new. */
function blend(old: Tensor, fresh: Tensor, factor: number): Tensor {
  return add(old, mul(sub(fresh, old), factor));
}

/** A layer whose parameters and state are the given tensors; its outputs are y and what the state is afterwards. */
function batchNorm(
  Layer: new (channels: number, options: BatchNormOptions) => BatchNorm1d | BatchNorm2d | BatchNorm3d,
): Call {
  return (given): Answer => {
    const layer = new Layer(given.number("num_features"), {
      epsilon: given.number("eps", 1e-5),
      momentum:
        given.json("momentum") === undefined ? (given.holds("momentum") ? null : 0.1) : given.number("momentum"),
      affine: given.flag("affine", true),
      trackRunningStatistics: given.flag("track_running_stats", true),
    });
    const cells = namedCells(layer);
    for (const [name, cell] of cells) cell.set(given.tensor(name));
    const x = given.tensor();
    const output = (given.training ? training : evaluating)(() => layer.forward(x));
    return { output, ...Object.fromEntries([...cells].map(([name, cell]) => [name, cell.value])) };
  };
}

/** Zero mean and unit variance over `axes`. */
function standardised(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  return div(centred, sqrt(add(variance(x, axes, 0, true), epsilon)));
}

function scaledByChannel(x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined): Tensor {
  const scaled = weight ? mul(x, alongChannels(weight, x.rank)) : x;
  return bias ? add(scaled, alongChannels(bias, x.rank)) : scaled;
}

function instanceNorm(given: Arguments): Answer {
  const x = given.tensor();
  const { weight, bias, epsilon, runningMean, runningVariance } = layerOf(given);
  const momentum = given.number("momentum", 0.1);
  given.maybe("num_batches_tracked");
  if (!given.training && runningMean && runningVariance) {
    const output = batchNormEvaluation(x, weight, bias, { mean: runningMean, variance: runningVariance }, epsilon);
    return { output, running_mean: runningMean, running_var: runningVariance };
  }
  const spatial = range(x.rank).slice(2);
  const output = scaledByChannel(standardised(x, spatial, epsilon), weight, bias);
  if (!runningMean || !runningVariance) return output;
  return {
    output,
    running_mean: blend(runningMean, mean(mean(x, spatial), 0), momentum),
    running_var: blend(runningVariance, mean(variance(x, spatial, 1), 0), momentum),
  };
}

function lastAxes(given: Arguments, x: Tensor): number[] {
  const count = given.numbers("normalized_shape").length;
  return range(x.rank).slice(x.rank - count);
}

/** x / (k + alpha * mean of squares over `size` neighbouring channels)^beta; an even size reaches one further back. */
function localResponse(given: Arguments): Tensor {
  const x = given.tensor();
  const size = given.number("size");
  const [batch = 0, channels = 0, ...rest] = x.shape;
  const squares = reshape(square(x), [batch, 1, channels, x.size / (batch * channels)]);
  const padded = pad(squares, [
    [0, 0],
    [0, 0],
    [Math.floor(size / 2), Math.floor((size - 1) / 2)],
    [0, 0],
  ]);
  const local = reshape(avgPool(padded, [size, 1], { stride: 1 }), [batch, channels, ...rest]);
  return div(x, pow(add(mul(local, given.number("alpha", 1e-4)), given.number("k", 1)), given.number("beta", 0.75)));
}

export const normCalls: CallTable = {
  "torch.nn.BatchNorm1d": batchNorm(BatchNorm1d),
  "torch.nn.BatchNorm2d": batchNorm(BatchNorm2d),
  "torch.nn.BatchNorm3d": batchNorm(BatchNorm3d),
  "torch.nn.InstanceNorm1d": instanceNorm,
  "torch.nn.InstanceNorm2d": instanceNorm,
  "torch.nn.InstanceNorm3d": instanceNorm,
  "torch.nn.functional.layer_norm": (given) => {
    const x = given.tensor();
    const y = standardised(x, lastAxes(given, x), given.number("eps", 1e-5));
    const [weight, bias] = [given.maybe("weight"), given.maybe("bias")];
    const scaled = weight ? mul(y, weight) : y;
    return bias ? add(scaled, bias) : scaled;
  },
  "torch.nn.functional.rms_norm": (given) => {
    const x = given.tensor();
    const power = mean(square(x), lastAxes(given, x), { keepDims: true });
    const y = div(x, sqrt(add(power, given.number("eps", 2 ** -23))));
    const weight = given.maybe("weight");
    return weight ? mul(y, weight) : y;
  },
  "torch.nn.functional.group_norm": (given) => {
    const [x, groups] = [given.tensor(), given.number("num_groups")];
    const batch = at(x.shape, 0);
    const grouped = reshape(x, [batch, groups, x.size / (batch * groups)]);
    const y = reshape(standardised(grouped, [2], given.number("eps", 1e-5)), x.shape);
    return scaledByChannel(y, given.maybe("weight"), given.maybe("bias"));
  },
  "torch.nn.functional.local_response_norm": localResponse,
  "torch.nn.functional.normalize": (given) => {
    const x = given.tensor();
    const length = vectorNorm(x, given.number("p", 2), given.number("dim", 1), true);
    return div(x, maximum(length, given.number("eps", 1e-12)));
  },
};

export const normExpressions: ExpressionTable = {
  weight_norm: [
    {
      expression: "v * (g / torch.linalg.vector_norm(v, dim=[d for d in range(v.ndim) if d != dim], keepdim=True))",
      answer(given) {
        const [v, dim] = [given.tensor("v"), given.number("dim")];
        const others = range(v.rank).filter((axis) => axis !== dim);
        return mul(v, div(given.tensor("g"), vectorNorm(v, 2, others, true)));
      },
    },
  ],
};
