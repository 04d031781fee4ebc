// An order in which units can run: as the graph has them, but what a unit needs comes first.
import { at } from "@stria/core";
import type { Unit } from "./unit.ts";

/** @throws Error where units need each other: whoever joined them has made a circle. */
export function inOrder(units: readonly Unit[], needs: (unit: Unit) => Iterable<Unit>): Unit[] {
  const order: Unit[] = [];
  const state = new Map<Unit, "begun" | "placed">();
  const place = (unit: Unit): void => {
    if (state.get(unit) === "placed") return;
    if (state.get(unit) === "begun") throw new Error(`a ${unit.kind} of nodes ${unit.nodes.join()} needs itself`);
    state.set(unit, "begun");
    for (const needed of needs(unit)) place(needed);
    state.set(unit, "placed");
    order.push(unit);
  };
  const last = ({ nodes }: Unit): number => at(nodes, nodes.length - 1);
  for (const unit of units.toSorted((a, b) => last(a) - last(b))) place(unit);
  return order;
}
