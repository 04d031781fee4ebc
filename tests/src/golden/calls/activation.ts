// Activation functions: the library's own.
import { type Tensor, relu } from "@stria/core";
import {
  celu,
  crelu,
  elu,
  gelu,
  geluTanh,
  glu,
  hardSigmoid,
  hardSwish,
  hardTanh,
  hardshrink,
  leakyRelu,
  logSigmoid,
  maxout,
  mish,
  prelu,
  relu6,
  selu,
  silu,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "@stria/layers";
import type { Call, CallTable, ExpressionTable } from "./call.ts";

function unary(f: (x: Tensor) => Tensor): Call {
  return (given) => f(given.tensor());
}

export const activationCalls: CallTable = {
  "torch.nn.functional.relu": unary(relu),
  "torch.nn.functional.relu6": unary(relu6),
  "torch.nn.functional.leaky_relu": (given) => leakyRelu(given.tensor(), given.number("negative_slope", 0.01)),
  "torch.nn.functional.elu": (given) => elu(given.tensor(), given.number("alpha", 1)),
  "torch.nn.functional.selu": unary(selu),
  "torch.nn.functional.celu": (given) => celu(given.tensor(), given.number("alpha", 1)),
  "torch.nn.functional.gelu": (given) => {
    const how = given.text("approximate", "none");
    if (how === "none") return gelu(given.tensor());
    return how === "tanh" ? geluTanh(given.tensor()) : given.unsupported(`with approximate "${how}"`);
  },
  "torch.nn.functional.silu": unary(silu),
  "torch.nn.functional.mish": unary(mish),
  "torch.nn.functional.hardswish": unary(hardSwish),
  "torch.nn.functional.hardsigmoid": unary(hardSigmoid),
  "torch.nn.functional.hardtanh": (given) =>
    hardTanh(given.tensor(), given.number("min_val", -1), given.number("max_val", 1)),
  "torch.nn.functional.softplus": (given) =>
    softplus(given.tensor(), { beta: given.number("beta", 1), threshold: given.number("threshold", 20) }),
  "torch.nn.functional.softsign": unary(softsign),
  "torch.nn.functional.softshrink": (given) => softshrink(given.tensor(), given.number("lambd", 0.5)),
  "torch.nn.functional.hardshrink": (given) => hardshrink(given.tensor(), given.number("lambd", 0.5)),
  "torch.nn.functional.tanhshrink": unary(tanhshrink),
  "torch.nn.functional.threshold": (given) =>
    threshold(given.tensor(), given.number("threshold"), given.number("value")),
  "torch.nn.functional.logsigmoid": unary(logSigmoid),
  "torch.nn.functional.prelu": (given) => prelu(given.tensor(), given.tensor("weight")),
  "torch.nn.functional.glu": (given) => glu(given.tensor(), given.number("dim", -1)),
};

export const activationExpressions: ExpressionTable = {
  maxout: [
    {
      expression: "input.unflatten(1, (-1, pieces)).amax(2)",
      answer: (given) => maxout(given.tensor(), given.number("pieces")),
    },
  ],
  crelu: [{ expression: "torch.cat([input.relu(), (-input).relu()], 1)", answer: unary(crelu) }],
};
