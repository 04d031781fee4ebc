// Transformations of gradients before an optimizer.
import { AttributeError } from "@stria/core";
import type { GradientTransformation, NamedTensors, Optimizer } from "./optimizer.ts";
import { prefixed, slotsUnder } from "./slots.ts";

/** Slots of the transformation at `position` are kept under this prefix, so that two that are alike do not share them. */
function prefixOf(position: number): string {
  return `chain${position}.`;
}

/**
 * An optimizer that is given gradients through transformations, in order.
 * @example chain(clipByGlobalNorm(1), adamW({ learningRate: 1e-3 }))
 */
export function chain(...steps: readonly [...GradientTransformation[], Optimizer]): Optimizer {
  const transformations: GradientTransformation[] = [];
  let last: Optimizer | undefined;
  for (const step of steps) {
    const given: unknown = step; // what JavaScript may pass
    if (typeof given !== "object" || given === null)
      throw new AttributeError(
        "chain",
        `a step is ${typeof given}`,
        "pass clipByGlobalNorm(1), adam({ ... }) and the like",
      );
    if ("update" in step) last = step;
    else transformations.push(step);
  }
  if (last === undefined)
    throw new AttributeError(
      "chain",
      "there is no optimizer",
      "end with one: chain(clipByGlobalNorm(1), adam({ ... }))",
    );
  const optimizer = last;
  return {
    learningRate: optimizer.learningRate,
    schedules: optimizer.schedules ?? [],
    init(parameters) {
      const before = transformations.flatMap((step, position) => prefixed(prefixOf(position), step.init(parameters)));
      return new Map([...before, ...optimizer.init(parameters)]);
    },
    update(context) {
      let { gradients } = context;
      const after: (readonly [string, NamedTensors])[] = [];
      for (const [position, step] of transformations.entries()) {
        const prefix = prefixOf(position);
        const result = step.apply({ ...context, gradients, state: slotsUnder(prefix, context.state) });
        gradients = result.gradients;
        after.push(...prefixed(prefix, result.state));
      }
      const { parameters, state } = optimizer.update({ ...context, gradients });
      return { parameters, state: new Map([...after, ...state]) };
    },
  };
}
