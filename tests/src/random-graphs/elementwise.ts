// Chains of elementwise ops in a random network, kept to numbers of about the size that they began with.
import {
  abs,
  add,
  at,
  cast,
  concat,
  div,
  erf,
  exp,
  expm1,
  greater,
  iota,
  lessEqual,
  log1p,
  logicalAnd,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  relu,
  sigmoid,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  type Tensor,
  where,
} from "@stria/core";
import { channelsOf, type Ground, ones, tell } from "./ground.ts";
import { normalised } from "./normalisation.ts";

type Rule = (ground: Ground, y: Tensor, x: Tensor) => Tensor;

/** A parameter for each channel. */
function perChannel({ take }: Ground, x: Tensor): Tensor {
  return take("scale", [channelsOf(x), ...ones(x)]);
}

/** Numbers that depend on nothing: the program has them as constants. */
function constant({ random }: Ground, x: Tensor): Tensor {
  const shape = [1, channelsOf(x), ...ones(x)];
  return add(mul(cast(iota(shape, 1), "float32"), 1 / channelsOf(x)), random.between(0.4, 0.7));
}

/** By name, for people; `y` is the chain so far, `x` where it began. */
const rules: Readonly<Record<string, Rule>> = {
  exp: (_, y) => exp(minimum(y, 1)),
  "exp of minus the square": (_, y) => exp(neg(square(y))),
  tanh: (_, y) => tanh(y),
  sigmoid: (_, y) => sigmoid(y),
  silu: (_, y) => mul(y, sigmoid(y)),
  gelu: (_, y) => mul(mul(y, 0.5), add(erf(mul(y, Math.SQRT1_2)), 1)),
  "hard swish": (_, y) => mul(y, div(minimum(relu(add(y, 3)), 6), 6)),
  relu6: (_, y) => minimum(relu(y), 6),
  clamp: (_, y) => maximum(minimum(y, 0.75), -0.5),
  abs: (_, y) => abs(y),
  "the larger": (_, y, x) => maximum(y, mul(x, 0.5)),
  "the smaller": (_, y, x) => minimum(y, add(x, 0.25)),
  where: (_, y, x) => where(greater(y, 0.1), mul(y, 1.25), sub(x, y)),
  "where within": (_, y, x) => where(logicalAnd(greater(x, -0.5), lessEqual(y, 0.5)), y, mul(x, 0.5)),
  mask: (_, y, x) => mul(y, cast(greater(x, 0), "float32")),
  square: (_, y) => mul(square(tanh(y)), 1.5),
  cube: (_, y) => pow(tanh(y), 3),
  "a power": (_, y) => pow(add(abs(y), 0.5), 1.7),
  "a learned power": (ground, y) => pow(add(abs(y), 0.5), perChannel(ground, y)),
  root: (_, y) => sqrt(add(square(y), 0.25)),
  quotient: (_, y, x) => div(y, add(square(x), 0.75)),
  reciprocal: (_, y) => div(1, add(abs(y), 0.6)),
  "learned quotient": (ground, y) => div(y, perChannel(ground, y)),
  softplus: (_, y) => softplus(y),
  log1p: (_, y) => log1p(abs(y)),
  expm1: (_, y) => expm1(minimum(y, 1)),
  elu: (_, y) => where(greater(y, 0), y, expm1(minimum(y, 0))),
  sine: (_, y) => sin(y),
  "leaky relu": (_, y) => maximum(y, mul(y, 0.1)),
  "learned slope": (ground, y) => add(relu(y), mul(minimum(y, 0), perChannel(ground, y))),
  scaled: (ground, y) => mul(y, perChannel(ground, y)),
  "scaled by constants": (ground, y) => mul(y, constant(ground, y)),
  added: (_, y, x) => mul(add(y, x), 0.7),
  product: (_, y, x) => mul(tanh(y), x),
  "without a gradient": (_, y, x) => mul(y, stopGradient(sigmoid(x))),
};

/** Several elementwise ops after one another, some of which look back to where the chain began. */
export function chain(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  const names = Array.from({ length: random.integer(2, 9) }, () => random.pick(Object.keys(rules)));
  tell(ground, names.join(", "), x);
  const links: Tensor[] = [x];
  let y = x;
  for (const name of names) {
    y = rules[name]?.(ground, y, random.pick(links)) ?? y;
    links.push(y);
  }
  // What stood on the way may be asked for beside the end.
  return random.chance(0.2) ? concat([y, at(links, random.integer(0, links.length - 1))], 1) : y;
}

/** An activation, with normalisation before it or without. */
export function activated(ground: Ground, x: Tensor): Tensor {
  return ground.random.pick<(y: Tensor) => Tensor>([
    relu,
    relu,
    relu,
    (y) => y,
    (y) => relu(normalised(ground, y)),
    (y) => relu(normalised(ground, y)),
    sigmoid,
    tanh,
    (y) => minimum(relu(y), 1),
    (y) => minimum(relu(normalised(ground, y)), 6),
    (y) => maximum(y, mul(y, 0.1)),
    (y) => mul(y, sigmoid(y)),
    (y) => chain(ground, y),
  ])(x);
}
