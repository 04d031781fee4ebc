// A unit: nodes that are computed together.
import { at } from "@stria/core";
import type { Classified } from "./classify.ts";
import type { Epilogue } from "./epilogue.ts";

export interface Unit {
  readonly kind: "map" | "reduce" | "kernel";
  /** Nodes. Those of maps and reductions are in topological order, reductions last; a kernel's own node is the first, what it computes or absorbs besides follows. */
  readonly nodes: number[];
  /** Elementwise nodes of other units that this one computes again for itself, instead of reading them, in topological order. */
  again?: number[];
  /** A kernel's absorbed epilogue. */
  readonly epilogue?: Epilogue;
}

/** What a unit computes, in an order in which it can. */
export function computedBy(unit: Unit): number[] {
  return [...(unit.again ?? []), ...unit.nodes].toSorted((a, b) => a - b);
}

/** The nodes of a unit that are reductions. */
export function reductionsOf({ kinds }: Classified, unit: Unit): number[] {
  return unit.nodes.filter((node) => at(kinds, node) === "reduce");
}
