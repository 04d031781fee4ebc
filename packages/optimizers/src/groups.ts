// Groups of parameters, each with an optimizer of its own: other rates for a backbone, no weight decay on norms and biases.
import { type Aval, AttributeError, type Tensor, pathPattern } from "@stria/core";
import type { NamedTensors, Optimizer, ScalarSource } from "./optimizer.ts";
import { prefixed, slotsUnder } from "./slots.ts";

/** Whether a parameter belongs to a group. */
export type ParameterTest = (path: string, parameter: Aval) => boolean;

export interface ParameterGroup {
  /** Paths of parameters, where `*` stands for any characters (`"backbone.*"`, `"*.bias"`), or a test such as `normsAndBiases`. */
  readonly parameters: string | readonly string[] | ParameterTest;
  readonly optimizer: Optimizer;
}

/** Biases, and the scales and shifts of normalisation: the parameters with at most one axis. */
export function normsAndBiases(_path: string, { shape }: Aval): boolean {
  return shape.length <= 1;
}

type Chosen = Pick<ParameterGroup, "parameters">;

/** @internal @throws AttributeError for a pattern that matches no parameter. */
export function checkPatterns(name: string, groups: readonly Chosen[], paths: readonly string[]): void {
  for (const { parameters } of groups) {
    if (typeof parameters === "function") continue;
    for (const pattern of typeof parameters === "string" ? [parameters] : parameters)
      if (!paths.some((path) => pathPattern(pattern).test(path)))
        throw new AttributeError(
          name,
          `no trainable parameter matches "${pattern}"`,
          `the trainable parameters are ${paths.slice(0, 8).join(", ")}${paths.length > 8 ? ", ..." : ""}`,
        );
  }
}

/** @internal The test that a choice of parameters stands for. */
export function testOf({ parameters }: Chosen): ParameterTest {
  if (typeof parameters === "function") return parameters;
  const expressions = (typeof parameters === "string" ? [parameters] : parameters).map(pathPattern);
  return (path) => expressions.some((expression) => expression.test(path));
}

/**
 * An optimizer for the parameters of each group, and `rest` for all others. A parameter belongs to the first group that it matches. Every group has
 * its own rate or schedule; the rate that is reported is that of `rest`. Norms of gradients are those of the group: to clip by the norm of all,
 * `chain(clipByGlobalNorm(1), withGroups(...))`.
 * @example
 * const make = (options = {}) => adamW({ learningRate: cosine(1e-3, { steps }), weightDecay: 0.05, ...options });
 * withGroups(make(), [
 *   { parameters: "backbone.*", optimizer: make({ learningRate: 1e-5 }) },
 *   { parameters: normsAndBiases, optimizer: make({ weightDecay: 0 }) },
 * ]);
 * @throws AttributeError, when it is first used, for a pattern that matches no parameter.
 */
export function withGroups(rest: Optimizer, groups: readonly ParameterGroup[]): Optimizer {
  const tests = groups.map(testOf);
  // The last one takes what no group matches.
  const parts = [...groups.map(({ optimizer }) => optimizer), rest].map((optimizer, index) => ({
    optimizer,
    prefix: index === groups.length ? "rest." : `group${index}.`,
    rateAt: index === groups.length ? undefined : optimizer.learningRate,
    takes(path: string, aval: Aval): boolean {
      const first = tests.findIndex((test) => test(path, aval));
      return (first === -1 ? groups.length : first) === index;
    },
  }));
  return {
    learningRate: rest.learningRate,
    schedules: parts.flatMap(({ optimizer }) => [...(optimizer.schedules ?? []), optimizer.learningRate]),
    init(parameters) {
      checkPatterns("withGroups", groups, [...parameters.keys()]);
      return new Map(
        parts.flatMap(({ optimizer, prefix, takes }) =>
          prefixed(prefix, optimizer.init(new Map([...parameters].filter(([path, aval]) => takes(path, aval))))),
        ),
      );
    },
    update(context) {
      const next = new Map<string, Tensor>(context.parameters); // keeps the order of the parameters
      const state = new Map<string, NamedTensors>();
      for (const { optimizer, prefix, rateAt, takes } of parts) {
        const parameters = new Map([...context.parameters].filter(([path, { aval }]) => takes(path, aval)));
        if (parameters.size === 0) continue;
        const gradients = new Map([...context.gradients].filter(([path]) => parameters.has(path)));
        const scalar: ScalarSource = (name, supply) =>
          context.scalar(prefix + name, ({ step, learningRate }) =>
            supply({ step, learningRate: rateAt ? rateAt(step) : learningRate }),
          );
        const own = optimizer.update({ gradients, parameters, state: slotsUnder(prefix, context.state), scalar });
        for (const [path, parameter] of own.parameters) next.set(path, parameter);
        for (const [slot, values] of prefixed(prefix, own.state)) state.set(slot, values);
      }
      return { parameters: next, state };
    },
  };
}
