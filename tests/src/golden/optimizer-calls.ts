// PyTorch's optimizers and the methods of papers, by the names of the goldens, with their arguments.
import {
  type AverageShare,
  type Lbfgs,
  type Optimizer,
  adadelta,
  adagrad,
  adam,
  adamW,
  adamax,
  ema,
  lamb,
  lars,
  lbfgs,
  lion,
  nadam,
  radam,
  rmsprop,
  rprop,
  sgd,
  swa,
} from "@stria/optimizers";
import type { Arguments } from "./arguments.ts";
import { asNumber, asObject } from "./json.ts";

/** The rate of each step; `lr_after` changes it from the step after the one that it names. */
function learningRate(given: Arguments, fallback = 1e-3): (step: number) => number {
  const base = given.number("lr", fallback);
  const changes = Object.entries(asObject(given.json("lr_after") ?? {}, "lr_after")).map(([step, rate]) => ({
    step: Number(step),
    rate: asNumber(rate, "lr_after"),
  }));
  return (step) => changes.filter((change) => change.step <= step).at(-1)?.rate ?? base;
}

/** A pair of numbers. */
function pair(given: Arguments, name: string, fallback: readonly [number, number]): readonly [number, number] {
  const [first, second] = given.has(name) ? given.numbers(name) : fallback;
  return [first ?? given.missing(name), second ?? given.missing(name)];
}

interface Common {
  readonly learningRate: (step: number) => number;
  readonly weightDecay: number;
  readonly maximize: boolean;
}

function common(given: Arguments, { rate = 1e-3, weightDecay = 0 } = {}): Common {
  return {
    learningRate: learningRate(given, rate),
    weightDecay: given.number("weight_decay", weightDecay),
    maximize: given.flag("maximize", false),
  };
}

function moments(
  given: Arguments,
  betas: readonly [number, number] = [0.9, 0.999],
  epsilon = 1e-8,
): { readonly betas: readonly [number, number]; readonly epsilon: number } {
  return { betas: pair(given, "betas", betas), epsilon: given.number("eps", epsilon) };
}

export const optimizers: Readonly<Record<string, (given: Arguments) => Optimizer>> = {
  "torch.optim.SGD": (given) =>
    sgd({
      ...common(given),
      momentum: given.number("momentum", 0),
      dampening: given.number("dampening", 0),
      nesterov: given.flag("nesterov", false),
    }),
  "torch.optim.Adam": (given) => adam({ ...common(given), ...moments(given), amsgrad: given.flag("amsgrad", false) }),
  "torch.optim.AdamW": (given) =>
    adamW({ ...common(given, { weightDecay: 0.01 }), ...moments(given), amsgrad: given.flag("amsgrad", false) }),
  "torch.optim.Adamax": (given) => adamax({ ...common(given, { rate: 2e-3 }), ...moments(given) }),
  "torch.optim.NAdam": (given) =>
    nadam({
      ...common(given, { rate: 2e-3 }),
      ...moments(given),
      momentumDecay: given.number("momentum_decay", 4e-3),
      decoupled: given.flag("decoupled_weight_decay", false),
    }),
  "torch.optim.RAdam": (given) =>
    radam({ ...common(given), ...moments(given), decoupled: given.flag("decoupled_weight_decay", false) }),
  "torch.optim.Adagrad": (given) =>
    adagrad({
      ...common(given, { rate: 1e-2 }),
      learningRateDecay: given.number("lr_decay", 0),
      initialSum: given.number("initial_accumulator_value", 0),
      epsilon: given.number("eps", 1e-10),
    }),
  "torch.optim.Adadelta": (given) =>
    adadelta({
      ...common(given, { rate: 1 }),
      decay: given.number("rho", 0.9),
      epsilon: given.number("eps", 1e-6),
    }),
  "torch.optim.RMSprop": (given) =>
    rmsprop({
      ...common(given, { rate: 1e-2 }),
      decay: given.number("alpha", 0.99),
      epsilon: given.number("eps", 1e-8),
      momentum: given.number("momentum", 0),
      centered: given.flag("centered", false),
    }),
  "torch.optim.Rprop": (given) =>
    rprop({
      learningRate: given.number("lr", 1e-2),
      factors: pair(given, "etas", [0.5, 1.2]),
      stepSizes: pair(given, "step_sizes", [1e-6, 50]),
      maximize: given.flag("maximize", false),
    }),
  Lion: (given) => lion({ ...common(given), betas: pair(given, "betas", [0.9, 0.99]) }),
  LAMB: (given) => lamb({ ...common(given), ...moments(given, [0.9, 0.999], 1e-6) }),
  LARS: (given) =>
    lars({
      ...common(given),
      momentum: given.number("momentum", 0.9),
      trustCoefficient: given.number("trust_coefficient", 1e-3),
    }),
};

export const averages: Readonly<Record<string, (given: Arguments) => AverageShare>> = {
  "torch.optim.swa_utils.AveragedModel": (given) => (given.has("decay") ? ema(given.number("decay")) : swa()),
};

export const minimisers: Readonly<Record<string, (given: Arguments) => Lbfgs>> = {
  "torch.optim.LBFGS": (given) => {
    const maxIterations = given.number("max_iter", 20);
    const search = given.json("line_search_fn") ?? null;
    return lbfgs({
      learningRate: given.number("lr", 1),
      lineSearch:
        search === null
          ? false
          : search === "strong_wolfe" || given.unsupported(`with line_search_fn ${JSON.stringify(search)}`),
      maxIterations,
      maxEvaluations: given.number("max_eval", Math.floor((maxIterations * 5) / 4)),
      historySize: given.number("history_size", 100),
      gradientTolerance: given.number("tolerance_grad", 1e-7),
      changeTolerance: given.number("tolerance_change", 1e-9),
    });
  },
};
