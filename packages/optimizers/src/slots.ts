// Slots of the parts of an optimizer that is made of several, kept apart by a prefix.
import type { OptimizerState } from "./optimizer.ts";

/** The slots of one part, under its own names. */
export function slotsUnder(prefix: string, state: OptimizerState): OptimizerState {
  return new Map(
    [...state].flatMap(([slot, values]) =>
      slot.startsWith(prefix) ? [[slot.slice(prefix.length), values] as const] : [],
    ),
  );
}

/** The slots of one part, under names that no other part has. */
export function prefixed<T>(prefix: string, slots: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...slots].map(([slot, value]) => [prefix + slot, value] as const);
}
