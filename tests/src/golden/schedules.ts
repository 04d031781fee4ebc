// Learning-rate schedules: every value, in float64.
import {
  type Schedule,
  constant,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  exponentialDecay,
  linear,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
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
  OneCycleLR: (_base, given) => {
    const shape = given.text("anneal_strategy", "cos");
    return oneCycle(given.number("max_lr"), {
      steps: given.number("total_steps"),
      warmUpShare: given.number("pct_start", 0.3),
      startDivisor: given.number("div_factor", 25),
      endDivisor: given.number("final_div_factor", 1e4),
      threePhases: given.flag("three_phase", false),
      shape:
        shape === "cos"
          ? "cosine"
          : shape === "linear"
            ? "linear"
            : given.unsupported(`with anneal_strategy "${shape}"`),
    });
  },
  CyclicLR: (_base, given) => {
    const up = given.number("step_size_up", 2000);
    const mode = given.text("mode", "triangular");
    return cyclic(given.number("base_lr"), given.number("max_lr"), {
      up,
      down: given.number("step_size_down", up),
      mode:
        mode === "triangular" || mode === "triangular2"
          ? mode
          : mode === "exp_range"
            ? "exponential"
            : given.unsupported(`with mode "${mode}"`),
      factor: given.number("gamma", 1),
    });
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

/** What moves the momentum: Stria's schedules are of the learning rate alone. */
const momentumArguments = ["cycle_momentum", "base_momentum", "max_momentum"];

function scheduleOf(call: string, base: number, args: Json | undefined): Schedule {
  const name = call.replace("torch.optim.lr_scheduler.", "");
  const make = Object.hasOwn(schedules, name) ? schedules[name] : undefined;
  if (!make) throw new Unsupported(call);
  const given = new Arguments(call, args === undefined ? {} : asObject(args, "args"), new Map(), true);
  for (const argument of momentumArguments) given.json(argument);
  const schedule = make(base, given);
  const unread = given.unread();
  if (unread.length > 0) throw new Unsupported(`${call} with ${unread.join(", ")}`);
  return schedule;
}

/** One case of schedules.json. */
export function runScheduleCase(item: JsonObject, tolerance: Tolerance): Promise<Outcome> {
  return outcomeOf(() => {
    const call = asText(item["call"], "call");
    const schedule = scheduleOf(call, asNumber(item["base_lr"], "base_lr"), item["args"]);
    const golden = asNumbers(item["values"], "values");
    const worst = worstDeviation(
      golden.map((_, step) => schedule(step)),
      golden,
      tolerance,
    );
    if (worst.ratio > 1) return failed(describeDeviation("values", worst));
    // The rate is right; the momentum that goes with it has no answer.
    if (item["momentum"] !== undefined && item["momentum"] !== null) throw new Unsupported(`the momentum of ${call}`);
    return passed;
  });
}
