// What every layer of a random network grows from: numbers, parameters, and a list of what has grown, for people.
import { at, type Shape, type Tensor } from "@stria/core";
import type { Random } from "./random.ts";

/** What a parameter is: its numbers are drawn accordingly. */
export type Kind = "weight" | "scale" | "shift";

/** Hands out the next parameter, which has this shape. */
export type Take = (kind: Kind, shape: Shape) => Tensor;

export interface Ground {
  readonly random: Random;
  readonly take: Take;
  readonly told: string[];
  /** Channels that it goes up to. */
  readonly widest: number;
}

export type Layer = (ground: Ground, x: Tensor) => Tensor;

/** Elements of a value that a layer may still make larger. */
export const largestValue = 6000;

export function tell({ told }: Ground, what: string, x: Tensor): void {
  told.push(`${what} of [${x.shape.join()}]`);
}

export function bias({ random, take }: Ground, outputs: number): { bias?: Tensor } {
  return random.chance(0.6) ? { bias: take("shift", [outputs]) } : {};
}

export function channelsOf(x: Tensor): number {
  return at(x.shape, 1);
}

/** A 1 for each spatial axis. */
export function ones(x: Tensor): number[] {
  return x.shape.slice(2).map(() => 1);
}

export function spatialAxes(x: Tensor): number[] {
  return x.shape.slice(2).map((_, axis) => axis + 2);
}

export function divisors(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((divisor) => count % divisor === 0);
}

/** One of these layers, each as often as its weight says. */
export function drawn(ground: Ground, layers: readonly (readonly [weight: number, layer: Layer])[]): Layer {
  return ground.random.pick(layers.flatMap(([weight, layer]) => Array.from({ length: weight }, () => layer)));
}
