// Arithmetic, comparisons, conditions, casts.
import {
  type DType,
  type Tensor,
  abs,
  add,
  cast,
  ceil,
  cos,
  div,
  dtypes,
  equal,
  erf,
  exp,
  expm1,
  floor,
  greater,
  greaterEqual,
  isTensor,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  round,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from "@stria/core";
import type { Arguments } from "../arguments.ts";
import type { Call, CallTable, ExpressionTable } from "./call.ts";

type Operand = Tensor | number;

/** PyTorch promotes integers to floats where they meet; Stria asks for a cast. */
function promoted(a: Tensor, b: Operand): [Tensor, Operand] {
  if (!isTensor(b) || a.dtype === b.dtype) return [a, b];
  return [cast(a, "float32"), cast(b, "float32")];
}

function unary(f: (x: Tensor) => Tensor): Call {
  return (given) => f(given.tensor());
}

function binary(f: (a: Tensor, b: Operand) => Tensor, second = "other"): Call {
  return (given) => f(...promoted(given.tensor(), given.operand(second)));
}

function sum(sense: 1 | -1): Call {
  return (given) => {
    const [a, b] = promoted(given.tensor(), given.operand("other"));
    const alpha = sense * given.number("alpha", 1);
    if (alpha === 1) return add(a, b);
    return alpha === -1 ? sub(a, b) : add(a, isTensor(b) ? mul(b, alpha) : b * alpha);
  };
}

function truth(x: Tensor): Tensor {
  return cast(x, "bool");
}

/** Towards zero. */
function truncate(x: Tensor): Tensor {
  return where(less(x, 0), ceil(x), floor(x));
}

/** Between bounds; at a bound the gradient is 0. NaN stays. */
function clamp(x: Tensor, low: Operand | undefined, high: Operand | undefined): Tensor {
  const raised = low === undefined ? x : where(lessEqual(x, low), low, x);
  return high === undefined ? raised : where(lessEqual(high, raised), high, raised);
}

/** A bound of clamp: a tensor, a number, or nothing. */
function bound(given: Arguments, name: string): Operand | undefined {
  return given.has(name) ? given.operand(name) : undefined;
}

function dtypeOf(given: Arguments): DType {
  const name = given.text("dtype");
  return dtypes.find((dtype) => dtype === name) ?? given.unsupported(`to ${name}`);
}

export const elementwiseCalls: CallTable = {
  "torch.exp": unary(exp),
  "torch.log": unary(log),
  "torch.log2": unary((x) => mul(log(x), Math.LOG2E)),
  "torch.log1p": unary(log1p),
  "torch.expm1": unary(expm1),
  "torch.sqrt": unary(sqrt),
  "torch.rsqrt": unary((x) => div(1, sqrt(x))),
  "torch.square": unary(square),
  "torch.abs": unary(abs),
  "torch.neg": unary(neg),
  "torch.reciprocal": unary((x) => div(1, x)),
  "torch.sin": unary(sin),
  "torch.cos": unary(cos),
  "torch.tanh": unary(tanh),
  "torch.sigmoid": unary(sigmoid),
  "torch.erf": unary(erf),
  "torch.sign": unary(sign),
  "torch.floor": unary(floor),
  "torch.ceil": unary(ceil),
  "torch.trunc": unary(truncate),
  "torch.round": (given) =>
    given.number("decimals", 0) === 0 ? round(given.tensor()) : given.unsupported("with decimals"),
  "torch.clamp": (given) => clamp(given.tensor(), bound(given, "min"), bound(given, "max")),

  "torch.add": sum(1),
  "torch.sub": sum(-1),
  "torch.mul": binary(mul),
  "torch.div": (given) => {
    const quotient = div(given.float(), given.has("other") ? given.operand("other") : given.missing("other"));
    const mode = given.text("rounding_mode", "");
    if (mode === "floor") return floor(quotient);
    return mode === "trunc" ? truncate(quotient) : quotient;
  },
  "torch.pow": binary((a, b) => pow(a, b), "exponent"),
  "torch.maximum": binary(maximum),
  "torch.minimum": binary(minimum),
  "torch.remainder": binary((a, b) => sub(a, mul(floor(div(a, b)), b))),
  "torch.fmod": binary((a, b) => sub(a, mul(truncate(div(a, b)), b))),
  "torch.lerp": (given) => {
    const start = given.tensor();
    return add(start, mul(sub(given.tensor("end"), start), given.operand("weight")));
  },

  "torch.eq": binary(equal),
  "torch.ne": binary(notEqual),
  "torch.lt": binary(less),
  "torch.le": binary(lessEqual),
  "torch.gt": binary(greater),
  "torch.ge": binary(greaterEqual),
  "torch.where": (given) => where(given.tensor("condition"), given.operand("input"), given.operand("other")),
  "torch.logical_and": (given) => logicalAnd(truth(given.tensor()), truth(given.tensor("other"))),
  "torch.logical_or": (given) => logicalOr(truth(given.tensor()), truth(given.tensor("other"))),
  "torch.logical_xor": (given) => notEqual(truth(given.tensor()), truth(given.tensor("other"))),
  "torch.logical_not": (given) => logicalNot(truth(given.tensor())),
  "torch.isnan": unary((x) => notEqual(x, x)),
  "torch.isinf": unary((x) => equal(abs(x), Infinity)),
  "torch.isfinite": unary((x) => less(abs(x), Infinity)),
};

export const elementwiseExpressions: ExpressionTable = {
  cast: [{ expression: "input.to(dtype)", answer: (given) => cast(given.tensor(), dtypeOf(given)) }],
};
