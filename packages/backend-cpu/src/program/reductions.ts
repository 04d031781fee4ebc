// The units of reductions: each takes in the elementwise nodes that feed it alone, or that are cheap enough to be computed twice.
import { at, sameShape } from "@stria/core";
import { isCheap, isItself, type Classified } from "./classify.ts";
import type { Unit } from "./unit.ts";
import type { Uses } from "./uses.ts";

/** Nodes that one kernel may hold: beyond this registers run out and code grows for nothing. */
export const mostNodes = 64;

export class Reductions {
  readonly #c: Classified;
  readonly #uses: Uses;
  readonly #recomputed: ReadonlySet<number>;
  readonly #taken: ReadonlySet<number>;
  #units: readonly Unit[] | undefined;

  readonly #isGreedy: boolean;

  /**
   * `recomputed` are nodes that every reader computes, `taken` those that are part of kernels. What is not `isGreedy` takes in nothing but what it has to
   * compute.
   */
  constructor(
    c: Classified,
    uses: Uses,
    recomputed: ReadonlySet<number>,
    taken: ReadonlySet<number>,
    isGreedy: boolean = true,
  ) {
    this.#isGreedy = isGreedy;
    this.#c = c;
    this.#uses = uses;
    this.#recomputed = recomputed;
    this.#taken = taken;
  }

  units(): readonly Unit[] {
    const { graph, kinds } = this.#c;
    this.#units ??= [...graph.nodes.keys()]
      .filter((index) => at(kinds, index) === "reduce" && at(this.#uses.used, index))
      .map((index) => this.#unit(index));
    return this.#units;
  }

  /** The unit of a reduction, with copies of the elementwise nodes that it computes itself. */
  #unit(index: number): Unit {
    const barred = new Set<number>();
    for (;;) {
      const members = this.#feeding(index, barred);
      const { graph } = this.#c;
      // A member that another one reads through a view has to be in memory after all.
      const bad = [...members].filter(
        (member) =>
          ![index, ...members].every((reader) => this.#uses.readsWhole(reader, at(at(graph.nodes, member).outputs, 0))),
      );
      if (bad.length === 0) return { kind: "reduce", nodes: [...[...members].toSorted((a, b) => a - b), index] };
      for (const member of bad) barred.add(member);
    }
  }

  /** The elementwise nodes, without the barred ones, that a reduction may compute for itself. */
  #feeding(index: number, barred: ReadonlySet<number>): Set<number> {
    const { graph, kinds, sources, producers } = this.#c;
    const members = new Set<number>();
    /** Members that nobody else computes. */
    const owned = new Set([index]);
    const visit = (input: number, shape: readonly number[]): void => {
      const { root } = at(sources, input);
      const producer = at(producers, root);
      const again = this.#recomputed.has(producer);
      if (
        producer < 0 ||
        members.has(producer) ||
        (members.size >= mostNodes && !again) ||
        at(kinds, producer) !== "map" ||
        this.#taken.has(producer) ||
        (!again && !this.#isGreedy)
      )
        return;
      if (barred.has(producer) || !isItself(this.#c, input) || !sameShape(at(graph.values, root).shape, shape)) return;
      const node = at(graph.nodes, producer);
      const alone = !this.#uses.results.has(root) && this.#uses.readers(root).every((reader) => owned.has(reader));
      if (alone) owned.add(producer);
      else if (!again && (!isCheap(graph, node) || this.#isStored(root))) return;
      members.add(producer);
      for (const operand of node.inputs) visit(operand, shape);
    };
    const input = at(at(graph.nodes, index).inputs, 0);
    visit(input, at(graph.values, input).shape);
    return members;
  }

  /** Whether a value is in memory whatever reductions compute for themselves. */
  #isStored(root: number): boolean {
    const { kinds } = this.#c;
    return (
      this.#uses.results.has(root) ||
      this.#uses
        .readers(root)
        .some((reader) => !["map", "reduce"].includes(at(kinds, reader)) || !this.#uses.readsWhole(reader, root))
    );
  }

  /** The nodes whose only readers are reductions that compute them themselves. */
  inlined(): Set<number> {
    const { graph, kinds } = this.#c;
    const inlined = new Set<number>();
    const holders = new Map<number, Unit[]>();
    for (const unit of this.units())
      for (const node of unit.nodes) holders.set(node, [...(holders.get(node) ?? []), unit]);
    for (let index = graph.nodes.length - 1; index >= 0; index--) {
      if (at(kinds, index) !== "map" || !at(this.#uses.used, index) || this.#taken.has(index)) continue;
      const value = at(at(graph.nodes, index).outputs, 0);
      if (this.#uses.results.has(value)) continue;
      const readers = this.#uses.readers(value);
      const inside = (reader: number): boolean => {
        const units = holders.get(reader) ?? [];
        return inlined.has(reader)
          ? units.every((unit) => unit.nodes.includes(index))
          : units.some((unit) => unit.nodes.at(-1) === reader && unit.nodes.includes(index));
      };
      if (readers.every(inside)) inlined.add(index);
    }
    return inlined;
  }
}
