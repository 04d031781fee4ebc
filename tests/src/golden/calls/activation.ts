// Activation functions. Where a formula is chosen by a condition, the branch that is not taken gets a harmless argument: 0 * inf would be NaN.
import {
  type Tensor,
  abs,
  add,
  at,
  concat,
  div,
  erf,
  exp,
  expm1,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log1p,
  max,
  minimum,
  mul,
  neg,
  pow,
  relu,
  reshape,
  sigmoid,
  sub,
  tanh,
  where,
  softplus as smoothRectifier,
} from "@stria/core";
import { alongChannels, fromZero, take } from "./axes.ts";
import type { Call, CallTable, ExpressionTable } from "./call.ts";
import { clamp } from "./elementwise.ts";

function unary(f: (x: Tensor) => Tensor): Call {
  return (given) => f(given.tensor());
}

/** x above 0, else scale * (exp(x / width) - 1). */
function exponential(x: Tensor, scale: number, width: number): Tensor {
  const positive = greater(x, 0);
  return where(positive, x, mul(expm1(div(where(positive, 0, x), width)), scale));
}

/** log(1 + exp(beta x)) / beta; x itself where beta x is above the threshold. */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  const linear = greater(mul(x, beta), threshold);
  return where(linear, x, div(smoothRectifier(mul(where(linear, 0, x), beta)), beta));
}

/** min(x, 0) - log(1 + exp(-|x|)): exact on both sides. */
export function logSigmoid(x: Tensor): Tensor {
  return sub(minimum(x, 0), log1p(exp(neg(abs(x)))));
}

function geluByErf(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

function geluByTanh(x: Tensor): Tensor {
  const inner = mul(add(x, mul(pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

export function hardSwish(x: Tensor): Tensor {
  const between = mul(x, div(add(x, 3), 6));
  return where(lessEqual(x, -3), 0, where(greaterEqual(x, 3), x, between));
}

// Klambauer et al. 2017.
const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

export const activationCalls: CallTable = {
  "torch.nn.functional.relu": unary(relu),
  "torch.nn.functional.relu6": unary((x) => clamp(x, 0, 6)),
  "torch.nn.functional.leaky_relu": (given) => {
    const x = given.tensor();
    return where(greater(x, 0), x, mul(x, given.number("negative_slope", 0.01)));
  },
  "torch.nn.functional.elu": (given) => exponential(given.tensor(), given.number("alpha", 1), 1),
  "torch.nn.functional.selu": unary((x) => mul(exponential(x, selu.alpha, 1), selu.scale)),
  "torch.nn.functional.celu": (given) => {
    const alpha = given.number("alpha", 1);
    return exponential(given.tensor(), alpha, alpha);
  },
  "torch.nn.functional.gelu": (given) => {
    const how = given.text("approximate", "none");
    if (how === "none") return geluByErf(given.tensor());
    return how === "tanh" ? geluByTanh(given.tensor()) : given.unsupported(`with approximate "${how}"`);
  },
  "torch.nn.functional.silu": unary((x) => mul(x, sigmoid(x))),
  "torch.nn.functional.mish": unary((x) => mul(x, tanh(softplus(x)))),
  "torch.nn.functional.hardswish": unary(hardSwish),
  "torch.nn.functional.hardsigmoid": unary((x) => div(clamp(add(x, 3), 0, 6), 6)),
  "torch.nn.functional.hardtanh": (given) =>
    clamp(given.tensor(), given.number("min_val", -1), given.number("max_val", 1)),
  "torch.nn.functional.softplus": (given) =>
    softplus(given.tensor(), given.number("beta", 1), given.number("threshold", 20)),
  "torch.nn.functional.softsign": unary((x) => div(x, add(abs(x), 1))),
  "torch.nn.functional.softshrink": (given) => {
    const [x, width] = [given.tensor(), given.number("lambd", 0.5)];
    return where(greater(x, width), sub(x, width), where(less(x, -width), add(x, width), mul(x, 0)));
  },
  "torch.nn.functional.hardshrink": (given) => {
    const x = given.tensor();
    return where(lessEqual(abs(x), given.number("lambd", 0.5)), 0, x);
  },
  "torch.nn.functional.tanhshrink": unary((x) => sub(x, tanh(x))),
  "torch.nn.functional.threshold": (given) => {
    const x = given.tensor();
    return where(lessEqual(x, given.number("threshold")), given.number("value"), x);
  },
  "torch.nn.functional.logsigmoid": unary(logSigmoid),
  "torch.nn.functional.prelu": (given) => {
    const [x, weight] = [given.tensor(), given.tensor("weight")];
    return where(greater(x, 0), x, mul(x, weight.size === 1 ? reshape(weight, []) : alongChannels(weight, x.rank)));
  },
  "torch.nn.functional.glu": (given) => {
    const x = given.tensor();
    const axis = fromZero(given.number("dim", -1), x.rank);
    const half = at(x.shape, axis) / 2;
    return mul(take(x, axis, 0, half), sigmoid(take(x, axis, half, half)));
  },
};

export const activationExpressions: ExpressionTable = {
  maxout: [
    {
      expression: "input.unflatten(1, (-1, pieces)).amax(2)",
      answer(given) {
        const [x, count] = [given.tensor(), given.number("pieces")];
        const [batch = 0, channels = 0, ...rest] = x.shape;
        return max(reshape(x, [batch, channels / count, count, ...rest]), 2);
      },
    },
  ],
  crelu: [
    {
      expression: "torch.cat([input.relu(), (-input).relu()], 1)",
      answer(given) {
        const x = given.tensor();
        return concat([relu(x), relu(neg(x))], 1);
      },
    },
  ],
};
