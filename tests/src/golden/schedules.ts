// Schedules of learning rates, and of the momentum that goes with some: every value, in float64.
import { at } from "@stria/core";
import {
  type CycleShape,
  type CyclicOptions,
  type Plateau,
  type Schedule,
  constant,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  cyclicMomentum,
  exponentialDecay,
  linear,
  multiStepDecay,
  multiplicative,
  oneCycle,
  oneCycleMomentum,
  polynomialDecay,
  reduceOnPlateau,
  sequence,
  stepDecay,
} from "@stria/optimizers";
import { Arguments } from "./arguments.ts";
import { type Json, type JsonObject, asList, asNumber, asNumbers, asObject, asText } from "./json.ts";
import { type Outcome, Unsupported, outcomeOf, failed, passed } from "./outcome.ts";
import { type Tolerance, describeDeviation, worstDeviation } from "./tolerance.ts";

type Maker = (base: number, given: Arguments) => Schedule;

/** PyTorch's lambdas, which JSON can only quote: a schedule is any function, so each is written out. */
const lambdas: Readonly<Record<string, (base: number) => Schedule>> = {
  "min((step + 1) ** -0.5, (step + 1) * 10 ** -1.5)": (base) => (step) =>
    base * Math.min((step + 1) ** -0.5, (step + 1) * 10 ** -1.5),
};

const factors: Readonly<Record<string, (step: number) => number>> = {
  "0.95 if step % 2 else 1.0": (step) => (step % 2 === 0 ? 1 : 0.95),
};

function choice<T>(given: Arguments, name: string, [first, ...others]: readonly [Choice<T>, ...Choice<T>[]]): T {
  const text = given.text(name, first[0]);
  const found = [first, ...others].find(([theirs]) => theirs === text);
  return found ? found[1] : given.unsupported(`with ${name} "${text}"`);
}

/** A word of PyTorch's and what Stria has for it. */
type Choice<T> = readonly [string, T];

function cycleShape(given: Arguments): CycleShape {
  return {
    steps: given.number("total_steps"),
    warmUpShare: given.number("pct_start", 0.3),
    threePhases: given.flag("three_phase", false),
    shape: choice<"cosine" | "linear">(given, "anneal_strategy", [
      ["cos", "cosine"],
      ["linear", "linear"],
    ]),
  };
}

function cyclicOptions(given: Arguments): CyclicOptions {
  const up = given.number("step_size_up", 2000);
  return {
    up,
    down: given.number("step_size_down", up),
    mode: choice<"triangular" | "triangular2" | "exponential">(given, "mode", [
      ["triangular", "triangular"],
      ["triangular2", "triangular2"],
      ["exp_range", "exponential"],
    ]),
    factor: given.number("gamma", 1),
  };
}

const schedules: Readonly<Record<string, Maker>> = {
  StepLR: (base, given) => stepDecay(base, { every: given.number("step_size"), factor: given.number("gamma", 0.1) }),
  MultiStepLR: (base, given) =>
    multiStepDecay(base, { milestones: given.numbers("milestones"), factor: given.number("gamma", 0.1) }),
  ExponentialLR: (base, given) => exponentialDecay(base, { factor: given.number("gamma") }),
  ConstantLR: (base, given) =>
    sequence([constant(base * given.number("factor", 1 / 3)), constant(base)], [given.number("total_iters", 5)]),
  LinearLR: (base, given) =>
    linear(
      base * given.number("start_factor", 1 / 3),
      base * given.number("end_factor", 1),
      given.number("total_iters", 5),
    ),
  PolynomialLR: (base, given) =>
    polynomialDecay(base, { steps: given.number("total_iters", 5), power: given.number("power", 1) }),
  CosineAnnealingLR: (base, given) =>
    cosineAnnealing(base, { period: given.number("T_max"), floor: given.number("eta_min", 0) }),
  CosineAnnealingWarmRestarts: (base, given) =>
    cosineWarmRestarts(base, {
      period: given.number("T_0"),
      factor: given.number("T_mult", 1),
      floor: given.number("eta_min", 0),
    }),
  OneCycleLR: (_base, given) =>
    oneCycle(given.number("max_lr"), {
      ...cycleShape(given),
      startDivisor: given.number("div_factor", 25),
      endDivisor: given.number("final_div_factor", 1e4),
    }),
  CyclicLR: (_base, given) => cyclic(given.number("base_lr"), given.number("max_lr"), cyclicOptions(given)),
  MultiplicativeLR: (base, given) => {
    const text = given.text("lr_lambda");
    const factor = Object.hasOwn(factors, text) ? factors[text] : undefined;
    return multiplicative(base, factor ?? given.unsupported(`of ${text}`));
  },
  LambdaLR: (base, given) => {
    const text = given.text("lr_lambda");
    const make = Object.hasOwn(lambdas, text) ? lambdas[text] : undefined;
    return make?.(base) ?? given.unsupported(`of ${text}`);
  },
  SequentialLR: (base, given) => {
    const parts = asList(given.json("schedulers"), "schedulers").map((item) => {
      const part = asObject(item, "a scheduler");
      return scheduleOf(asText(part["call"], "call"), base, part["args"]);
    });
    return sequence(parts, given.numbers("milestones"));
  },
};

/** The momentum that moves with the rate. */
const momenta: Readonly<Record<string, (given: Arguments) => Schedule>> = {
  OneCycleLR: (given) =>
    oneCycleMomentum({
      ...cycleShape(given),
      low: given.number("base_momentum", 0.85),
      high: given.number("max_momentum", 0.95),
    }),
  CyclicLR: (given) =>
    cyclicMomentum(given.number("base_momentum", 0.8), given.number("max_momentum", 0.9), cyclicOptions(given)),
};

function plateauOf(base: number, given: Arguments): Plateau {
  return reduceOnPlateau(base, {
    mode: choice<"min" | "max">(given, "mode", [
      ["min", "min"],
      ["max", "max"],
    ]),
    factor: given.number("factor", 0.1),
    patience: given.number("patience", 10),
    threshold: given.number("threshold", 1e-4),
    thresholdMode: choice<"relative" | "absolute">(given, "threshold_mode", [
      ["rel", "relative"],
      ["abs", "absolute"],
    ]),
    cooldown: given.number("cooldown", 0),
    floor: given.number("min_lr", 0),
  });
}

interface Moving {
  readonly rate: Schedule;
  readonly momentum?: Schedule | undefined;
  /** Takes the metric of a step, after it. */
  readonly observe?: (metric: number) => void;
}

function movingOf(call: string, base: number, args: Json | undefined): Moving {
  const name = call.replace("torch.optim.lr_scheduler.", "");
  const given = new Arguments(call, args === undefined ? {} : asObject(args, "args"), new Map(), true);
  const known = <T>(table: Readonly<Record<string, T>>): T | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  const moving = ((): Moving => {
    if (name === "ReduceLROnPlateau") {
      const plateau = plateauOf(base, given);
      return { rate: plateau, observe: (metric) => plateau.observe(metric) };
    }
    const make = known(schedules);
    if (!make) throw new Unsupported(call);
    const momentum = known(momenta);
    const moves = momentum !== undefined && given.flag("cycle_momentum", true);
    return { rate: make(base, given), momentum: moves ? momentum(given) : undefined };
  })();
  const unread = given.unread();
  if (unread.length > 0) throw new Unsupported(`${call} with ${unread.join(", ")}`);
  return moving;
}

function scheduleOf(call: string, base: number, args: Json | undefined): Schedule {
  return movingOf(call, base, args).rate;
}

/** One case of schedules.json. */
export function runScheduleCase(item: JsonObject, tolerance: Tolerance): Promise<Outcome> {
  return outcomeOf(() => {
    const call = asText(item["call"], "call");
    const { rate, momentum, observe } = movingOf(call, asNumber(item["base_lr"], "base_lr"), item["args"]);
    const metrics = observe ? asNumbers(item["metrics"], "metrics") : [];
    const golden = asNumbers(item["values"], "values");
    const values = golden.map((_, step) => {
      const value = rate(step);
      observe?.(at(metrics, step));
      return value;
    });
    const worst = worstDeviation(values, golden, tolerance);
    if (worst.ratio > 1) return failed(describeDeviation("values", worst));
    if (item["momentum"] === undefined || item["momentum"] === null) return passed;
    if (!momentum) throw new Unsupported(`the momentum of ${call}`);
    const goldenMomentum = asNumbers(item["momentum"], "momentum");
    const worstMomentum = worstDeviation(
      goldenMomentum.map((_, step) => momentum(step)),
      goldenMomentum,
      tolerance,
    );
    return worstMomentum.ratio > 1 ? failed(describeDeviation("momentum", worstMomentum)) : passed;
  });
}
