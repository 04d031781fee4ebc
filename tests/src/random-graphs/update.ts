// What an optimizer makes of parameters, gradients and its own state, as part of a random network's graph.
import { add, at, div, mul, type Shape, sqrt, square, sub, type Tensor } from "@stria/core";
import type { Kind } from "./ground.ts";
import type { Random } from "./random.ts";

/** New parameters and new state, in the order of the old ones. Rates are large, so that the gradient counts in what comes out. */
export interface Update {
  readonly name: string;
  /** What the state of each parameter is drawn as. */
  readonly state: readonly Kind[];
  step(parameter: Tensor, gradient: Tensor, state: readonly Tensor[]): readonly [parameter: Tensor, ...state: Tensor[]];
}

const updates: readonly Update[] = [
  {
    name: "SGD",
    state: [],
    step: (parameter, gradient) => [sub(parameter, mul(gradient, 2))],
  },
  {
    name: "SGD with momentum",
    state: ["shift"],
    step(parameter, gradient, [momentum]) {
      const decayed = add(gradient, mul(parameter, 0.01));
      const next = momentum ? add(mul(momentum, 0.9), decayed) : decayed;
      return [sub(parameter, mul(next, 2)), next];
    },
  },
  {
    name: "Adam",
    // The mean of squares is drawn well above zero: a quotient of two small gradients would be all noise.
    state: ["shift", "scale"],
    step(parameter, gradient, state) {
      const first = add(mul(at(state, 0), 0.5), mul(gradient, 0.5));
      const second = add(mul(at(state, 1), 0.9), mul(square(gradient), 0.1));
      return [sub(parameter, mul(div(first, add(sqrt(second), 1e-8)), 2)), first, second];
    },
  },
];

/** One of them, or none: then the gradients themselves are asked for. */
export function drawUpdate(random: Random): Update | undefined {
  return random.chance(0.5) ? random.pick(updates) : undefined;
}

/** A parameter's state. */
export function stateOf(
  update: Update | undefined,
  shapes: readonly Shape[],
): readonly { readonly kind: Kind; readonly shape: Shape }[] {
  return shapes.flatMap((shape) => (update?.state ?? []).map((kind) => ({ kind, shape })));
}
