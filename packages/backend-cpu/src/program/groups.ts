// Fusion: which nodes become one kernel. Elementwise nodes of one shape join; a reduction takes in the elementwise nodes that feed it alone, or that
// are cheap enough to be computed twice; a convolution or matrix product takes what follows it into its stores.
import { at, sameShape, type GraphNode } from "@stria/core";
import { isCheap, isItself, type Classified } from "./classify.ts";
import { epilogueOf } from "./epilogue.ts";
import { type MapUnits, mergeMaps } from "./merge-maps.ts";
import { crossEntropyPairs } from "./pair-cross-entropy.ts";
import { type CompilerPass, nothing, type Without } from "./passes.ts";
import { recomputed, remade } from "./recompute.ts";
import { mostNodes, Reductions } from "./reductions.ts";
import { joinReductions } from "./join-reductions.ts";
import { settledValues } from "./settled.ts";
import type { Unit } from "./unit.ts";
import { inOrder } from "./unit-order.ts";
import { Uses } from "./uses.ts";

export interface Grouping {
  /** In an order in which they can run. */
  readonly units: readonly Unit[];
  /** Values that are written to memory. */
  readonly stored: ReadonlySet<number>;
  /** Whether anything needs a value that has memory of its own. */
  isRead(root: number): boolean;
}

/** What is often asked of a unit, as long as it has so many nodes. */
interface Summary {
  readonly size: number;
  readonly inputs: ReadonlySet<number>;
  /** The first and the last of its nodes, and the first that others read. */
  readonly first: number;
  readonly last: number;
  readonly made: number;
}

/** Elementwise nodes behind `boundary` join none before it: they would be computed too early. */
export function group(
  c: Classified,
  boundary: number = Infinity,
  without: Without = nothing,
  isPlanes: (node: GraphNode) => boolean = () => false,
): Grouping {
  return new Grouper(c, boundary, without).run(isPlanes);
}

class Grouper {
  readonly #c: Classified;
  readonly #uses: Uses;
  readonly #unitOf = new Map<number, Unit>();
  readonly #units: Unit[] = [];
  readonly #summaries = new Map<Unit, Summary>();
  /** Units that make several values: who reads the first of them may come before the last. */
  readonly #spans = new Set<Unit>();
  /** Elementwise nodes that live inside reductions only. */
  #inlined: ReadonlySet<number> = new Set();
  /** Elementwise nodes that go where their only reader goes. */
  readonly #waiting = new Set<number>();
  /** Elementwise nodes that go wherever a reader goes. */
  #recomputed: ReadonlySet<number> = new Set();

  readonly #boundary: number;
  readonly #without: Without;

  constructor(c: Classified, boundary: number, without: Without) {
    this.#c = c;
    this.#boundary = boundary;
    this.#without = without;
    this.#uses = new Uses(c);
  }

  run(isPlanes: (node: GraphNode) => boolean): Grouping {
    const { graph, kinds } = this.#c;
    const settled = settledValues(graph);
    const has = (pass: CompilerPass): boolean => !this.#without.has(pass);
    if (has("crossEntropyPairs"))
      for (const nodes of crossEntropyPairs(this.#c, this.#uses.used, this.#boundary))
        this.#add({ kind: "kernel", nodes });
    graph.nodes.forEach((_, index) => {
      if (!at(this.#uses.used, index) || !has("epilogue")) return;
      const absorbed = epilogueOf(this.#c, this.#uses, settled, index, isPlanes);
      if (absorbed) this.#add({ kind: "kernel", nodes: [index, ...absorbed.nodes], epilogue: absorbed.epilogue });
    });
    const taken = new Set(this.#unitOf.keys());
    if (has("recompute")) this.#recomputed = recomputed(this.#c, this.#uses, taken);
    const reductions = new Reductions(this.#c, this.#uses, this.#recomputed, taken, has("reductions"));
    for (const unit of reductions.units()) this.#add(unit);
    this.#inlined = reductions.inlined();
    graph.nodes.forEach((_, index) => {
      if (!at(this.#uses.used, index) || this.#unitOf.has(index) || this.#inlined.has(index)) return;
      if (this.#recomputed.has(index)) return;
      const kind = at(kinds, index);
      if (kind === "map" && has("joinMaps") && this.#waitsForReader(index)) this.#waiting.add(index);
      else if (kind === "map" || kind === "copy") this.#join(index);
      else if (kind === "kernel") this.#add({ kind: "kernel", nodes: [index] });
    });
    if (has("mergeMaps")) this.#replace((units, made) => mergeMaps(this.#c, units, made));
    if (has("joinReductions")) this.#replace((units, made) => joinReductions(this.#c, units, made));
    if (has("recompute")) for (const unit of this.#units) this.#remake(unit);
    const isRead = (root: number): boolean => this.#uses.readers(root).length > 0 || this.#uses.results.has(root);
    const units = inOrder(this.#units, (unit) =>
      [...this.#inputsOf(unit)].flatMap((root) => this.#producerUnit(root) ?? []),
    );
    return { units, stored: this.#stored(), isRead };
  }

  #add(unit: Unit): void {
    this.#units.push(unit);
    if (unit.kind === "kernel" && unit.nodes.length > 1) this.#spans.add(unit);
    for (const node of unit.nodes)
      if ((unit.kind !== "reduce" || node === unit.nodes.at(-1)) && !this.#recomputed.has(node))
        this.#unitOf.set(node, unit);
  }

  #replace(change: (units: readonly Unit[], graph: MapUnits) => readonly Unit[]): void {
    const changed = change(this.#units, {
      inputsOf: (unit) => this.#inputsOf(unit),
      producerOf: (root) => this.#producerUnit(root),
      dependsOn: (from, target) => this.#dependsOn(from, target),
      moved: (from, to) => {
        this.#spans.add(to);
        this.#summaries.delete(to);
        for (const [node, unit] of this.#unitOf) if (unit === from) this.#unitOf.set(node, to);
      },
      boundary: this.#boundary,
    });
    this.#units.splice(0, this.#units.length, ...changed);
  }

  /** Lets a unit compute what it reads, where it can from the other things that it reads. */
  #remake(unit: Unit): void {
    if (unit.kind === "kernel" || this.#isCopy(unit)) return;
    const { graph } = this.#c;
    const inputs = new Set(this.#inputsOf(unit));
    for (const root of [...inputs].toSorted((a, b) => b - a)) {
      const { shape } = at(graph.values, root);
      if (!sameShape(shape, this.#spaceOf(unit)) || !unit.nodes.every((node) => this.#uses.readsWhole(node, root)))
        continue;
      inputs.delete(root);
      const nodes = remade(this.#c, root, inputs);
      const again = [...(unit.again ?? []), ...(nodes ?? [])].filter((node) => !unit.nodes.includes(node));
      if (nodes === undefined || unit.nodes.length + again.length > mostNodes) inputs.add(root);
      else unit.again = [...new Set(again)].toSorted((a, b) => a - b);
    }
  }

  #isCopy(unit: Unit): boolean {
    return at(this.#c.kinds, at(unit.nodes, 0)) === "copy";
  }

  /** The index space of a unit's elementwise nodes. */
  #spaceOf(unit: Unit): readonly number[] {
    const { graph } = this.#c;
    const own = at(graph.nodes, at(unit.nodes, unit.nodes.length - 1));
    return at(graph.values, unit.kind === "reduce" ? at(own.inputs, 0) : at(own.outputs, 0)).shape;
  }

  /** What is known of a unit as it is now. */
  #summary(unit: Unit): Summary {
    const { graph, sources } = this.#c;
    const again = unit.again ?? [];
    const size = unit.nodes.length + again.length;
    const known = this.#summaries.get(unit);
    if (known?.size === size) return known;
    const nodes = [...again, ...unit.nodes];
    const own = new Set(nodes.flatMap((node) => at(graph.nodes, node).outputs));
    const inputs = new Set<number>();
    for (const node of nodes)
      for (const input of at(graph.nodes, node).inputs)
        if (!own.has(at(sources, input).root)) inputs.add(at(sources, input).root);
    const made = unit.nodes.filter((node) => this.#unitOf.get(node) === unit);
    const [first, last] = [Math.min(...unit.nodes), Math.max(...unit.nodes)];
    const summary = { size, inputs, first, last, made: Math.min(...made, last) };
    this.#summaries.set(unit, summary);
    return summary;
  }

  /** Roots that a unit reads from memory or from other units. */
  #inputsOf(unit: Unit): ReadonlySet<number> {
    return this.#summary(unit).inputs;
  }

  #producerUnit(root: number): Unit | undefined {
    return this.#unitOf.get(at(this.#c.producers, root));
  }

  /** Whether `from` needs, directly or not, something that `target` makes. */
  #dependsOn(from: Unit, target: Unit): boolean {
    return this.#reaches(from, target, this.#horizon(target), new Set());
  }

  /**
   * The node before which nothing ends that needs a unit. Nodes are in topological order; but what reads the first value of a unit may end before a node
   * that is needed for its last value.
   */
  #horizon(target: Unit): number {
    let horizon = this.#summary(target).first;
    for (let before = Infinity; before > horizon;) {
      before = horizon;
      for (const span of this.#spans) {
        const { made, last } = this.#summary(span);
        if (made < horizon && last >= horizon && span !== target) horizon = made;
      }
    }
    return horizon;
  }

  #reaches(from: Unit, target: Unit, horizon: number, seen: Set<Unit>): boolean {
    if (from === target) return true;
    if (seen.has(from) || this.#summary(from).last < horizon) return false;
    seen.add(from);
    for (const root of this.#inputsOf(from)) {
      const unit = this.#producerUnit(root);
      if (unit && this.#reaches(unit, target, horizon, seen)) return true;
    }
    return false;
  }

  /** A cheap node with one elementwise reader is computed there, and not stored: a mask is made where it is used. */
  #waitsForReader(index: number): boolean {
    const { graph, kinds } = this.#c;
    const node = at(graph.nodes, index);
    const value = at(node.outputs, 0);
    const reader = this.#uses.onlyReader(value);
    if (
      reader === undefined ||
      at(kinds, reader) !== "map" ||
      this.#inlined.has(reader) ||
      this.#recomputed.has(reader) ||
      this.#unitOf.has(reader) ||
      !isCheap(graph, node)
    )
      return false;
    return (
      this.#uses.readsWhole(reader, value) &&
      sameShape(at(graph.values, at(at(graph.nodes, reader).outputs, 0)).shape, at(graph.values, value).shape)
    );
  }

  /** A node and the nodes that it reads which are computed where they are read, in topological order. */
  #withWaiting(index: number): number[] {
    const { graph, sources, producers } = this.#c;
    const before = at(graph.nodes, index).inputs.flatMap((input) => {
      const producer = at(producers, at(sources, input).root);
      return this.#waiting.has(producer) || this.#recomputed.has(producer) ? this.#withWaiting(producer) : [];
    });
    return [...new Set([...before, index])];
  }

  /** Puts an elementwise node into the unit of one of its operands, where that makes no circle; else into a unit of its own. */
  #join(index: number): void {
    const { graph, sources, kinds } = this.#c;
    const isCopy = at(kinds, index) === "copy";
    const { shape } = at(graph.values, at(at(graph.nodes, index).outputs, 0));
    const fresh: Unit = { kind: "map", nodes: isCopy ? [index] : this.#withWaiting(index) };
    const inputs = fresh.nodes.flatMap((node) => at(graph.nodes, node).inputs);
    const roots = inputs.map((input) => at(sources, input).root);
    const candidates = new Set<Unit>();
    if (!isCopy && !this.#without.has("joinMaps"))
      for (const input of inputs) {
        const unit = this.#producerUnit(at(sources, input).root);
        if (
          unit?.kind === "map" &&
          (index <= this.#boundary || at(unit.nodes, 0) > this.#boundary) &&
          unit.nodes.length < mostNodes &&
          isItself(this.#c, input) &&
          sameShape(this.#shapeOf(unit), shape)
        )
          candidates.add(unit);
      }
    for (const unit of candidates) {
      const readsThroughView = inputs.some(
        (input) => this.#producerUnit(at(sources, input).root) === unit && !isItself(this.#c, input),
      );
      const others = roots.flatMap((root) => {
        const other = this.#producerUnit(root);
        return other && other !== unit ? [other] : [];
      });
      if (readsThroughView || others.some((other) => this.#dependsOn(other, unit))) continue;
      for (const node of fresh.nodes) {
        if (!unit.nodes.includes(node)) unit.nodes.push(node);
        if (!this.#recomputed.has(node)) this.#unitOf.set(node, unit);
      }
      this.#spans.add(unit);
      return;
    }
    this.#add(fresh);
  }

  /** The index space of an elementwise unit. A copy is alone in its unit, and goes over what it reads. */
  #shapeOf(unit: Unit): readonly number[] {
    const { graph, kinds } = this.#c;
    const first = at(unit.nodes, 0);
    if (at(kinds, first) === "copy") return [-1];
    return at(graph.values, at(at(graph.nodes, first).outputs, 0)).shape;
  }

  #stored(): Set<number> {
    const { graph, producers } = this.#c;
    const stored = new Set<number>();
    for (const root of this.#uses.results) stored.add(root);
    for (const unit of this.#units)
      for (const root of this.#inputsOf(unit)) if (at(producers, root) >= 0) stored.add(root);
    // A unit of its own writes all that it makes.
    for (const unit of this.#units)
      if (unit.kind === "kernel")
        for (const output of unit.epilogue
          ? [unit.epilogue.output]
          : unit.nodes.flatMap((node) => at(graph.nodes, node).outputs))
          stored.add(output);
    return stored;
  }
}
