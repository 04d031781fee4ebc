// Normalisation: the library's own.
import { type Tensor, div, evaluating, mul, namedCells, training } from "@stria/core";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormOptions,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
  type Module,
  groupNorm,
  layerNorm,
  localResponseNorm,
  normalize,
  rmsNorm,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import { range } from "./axes.ts";
import type { Answer, Call, CallTable, ExpressionTable } from "./call.ts";
import { vectorNorm } from "./reduce.ts";

/** A layer whose parameters and state are the given tensors; its outputs are y and what the state is afterwards. */
function filled(given: Arguments, layer: Module): Answer {
  const cells = namedCells(layer);
  for (const [name, cell] of cells) cell.set(given.tensor(name));
  const x = given.tensor();
  const output = (given.training ? training : evaluating)(() => layer.forward(x));
  return { output, ...Object.fromEntries([...cells].map(([name, cell]) => [name, cell.value])) };
}

function batchNorm(Layer: new (channels: number, options: BatchNormOptions) => Module): Call {
  return (given) =>
    filled(
      given,
      new Layer(given.number("num_features"), {
        epsilon: given.number("eps", 1e-5),
        momentum:
          given.json("momentum") === undefined ? (given.holds("momentum") ? null : 0.1) : given.number("momentum"),
        affine: given.flag("affine", true),
        trackRunningStatistics: given.flag("track_running_stats", true),
      }),
    );
}

function instanceNorm(Layer: new (channels: number, options: InstanceNormOptions) => Module): Call {
  return (given) =>
    filled(
      given,
      new Layer(given.number("num_features"), {
        epsilon: given.number("eps", 1e-5),
        momentum: given.number("momentum", 0.1),
        affine: given.flag("affine", false),
        trackRunningStatistics: given.flag("track_running_stats", false),
      }),
    );
}

/** Weight and bias, where they are given. */
function affine(given: Arguments): { weight?: Tensor; bias?: Tensor } {
  const [weight, bias] = [given.maybe("weight"), given.maybe("bias")];
  return { ...(weight && { weight }), ...(bias && { bias }) };
}

export const normCalls: CallTable = {
  "torch.nn.BatchNorm1d": batchNorm(BatchNorm1d),
  "torch.nn.BatchNorm2d": batchNorm(BatchNorm2d),
  "torch.nn.BatchNorm3d": batchNorm(BatchNorm3d),
  "torch.nn.InstanceNorm1d": instanceNorm(InstanceNorm1d),
  "torch.nn.InstanceNorm2d": instanceNorm(InstanceNorm2d),
  "torch.nn.InstanceNorm3d": instanceNorm(InstanceNorm3d),
  "torch.nn.functional.layer_norm": (given) =>
    layerNorm(given.tensor(), given.numbers("normalized_shape"), {
      ...affine(given),
      epsilon: given.number("eps", 1e-5),
    }),
  "torch.nn.functional.rms_norm": (given) => {
    const weight = given.maybe("weight");
    return rmsNorm(given.tensor(), given.numbers("normalized_shape"), {
      ...(weight && { weight }),
      epsilon: given.number("eps", 2 ** -23),
    });
  },
  "torch.nn.functional.group_norm": (given) =>
    groupNorm(given.tensor(), given.number("num_groups"), { ...affine(given), epsilon: given.number("eps", 1e-5) }),
  "torch.nn.functional.local_response_norm": (given) =>
    localResponseNorm(given.tensor(), given.number("size"), {
      alpha: given.number("alpha", 1e-4),
      beta: given.number("beta", 0.75),
      k: given.number("k", 1),
    }),
  "torch.nn.functional.normalize": (given) =>
    normalize(given.tensor(), {
      order: given.number("p", 2),
      axis: given.number("dim", 1),
      epsilon: given.number("eps", 1e-12),
    }),
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
