// The stages of a model, told by what each does to the maps.
import type { Stage } from "./model-info.ts";

/** A layer that makes maps: its path, the channels of its output, and the factor by which it makes them smaller than what is before it. */
export type Step = readonly [name: string, channels: number, shrinks: number];

/** Stages whose strides are the products of the factors so far. */
export function stagesOf(steps: Iterable<Step>): Stage[] {
  let stride = 1;
  return [...steps].map(([name, channels, shrinks]) => {
    stride *= shrinks;
    return { name, channels, stride };
  });
}
