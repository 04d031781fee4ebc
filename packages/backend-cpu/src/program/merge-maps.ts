// Elementwise units of one shape become one where one reads what the other makes: Adam's update reads both of its averages, which are made apart.
import { at, sameShape } from "@stria/core";
import { isItself, type Classified } from "./classify.ts";
import type { Unit } from "./unit.ts";
import type { UnitGraph } from "./join-reductions.ts";
import { mostNodes } from "./reductions.ts";

/** What is known beside the units: the unit that makes a root, and the last node before the moment over which no unit reaches. */
export interface MapUnits extends UnitGraph {
  producerOf(root: number): Unit | undefined;
  readonly boundary: number;
}

function outputOf({ graph }: Classified, unit: Unit): number {
  return at(at(graph.nodes, at(unit.nodes, 0)).outputs, 0);
}

function isMap({ kinds }: Classified, unit: Unit): boolean {
  return unit.kind === "map" && at(kinds, at(unit.nodes, 0)) !== "copy";
}

/** Whether a unit reads what another makes only as it lies. */
function readsWhole(c: Classified, reader: Unit, maker: Unit): boolean {
  const made = new Set(maker.nodes.flatMap((node) => at(c.graph.nodes, node).outputs));
  return reader.nodes.every((node) =>
    at(c.graph.nodes, node).inputs.every((input) => !made.has(at(c.sources, input).root) || isItself(c, input)),
  );
}

function suits(c: Classified, reader: Unit, maker: Unit, units: MapUnits): boolean {
  const shapes = [reader, maker].map((unit) => at(c.graph.values, outputOf(c, unit)).shape);
  const sides = [...reader.nodes, ...maker.nodes].map((node) => node > units.boundary);
  if (!sameShape(at(shapes, 0), at(shapes, 1)) || new Set(sides).size > 1) return false;
  if (new Set([...reader.nodes, ...maker.nodes]).size > mostNodes || !readsWhole(c, reader, maker)) return false;
  const others = [...units.inputsOf(reader)].flatMap((root) => units.producerOf(root) ?? []);
  return others.every((other) => other === maker || !units.dependsOn(other, maker));
}

/** The units with those elementwise ones joined of which one reads the other, where that makes no circle. */
export function mergeMaps(c: Classified, all: readonly Unit[], units: MapUnits): Unit[] {
  const gone = new Set<Unit>();
  /** A unit that this one can take in. */
  const makerFor = (reader: Unit): Unit | undefined => {
    for (const root of units.inputsOf(reader)) {
      const maker = units.producerOf(root);
      if (maker && maker !== reader && isMap(c, maker) && suits(c, reader, maker, units)) return maker;
    }
    return undefined;
  };
  for (const reader of all) {
    if (!isMap(c, reader) || gone.has(reader)) continue;
    for (let maker = makerFor(reader); maker; maker = makerFor(reader)) {
      const nodes = [...new Set([...maker.nodes, ...reader.nodes])].toSorted((a, b) => a - b);
      reader.nodes.splice(0, reader.nodes.length, ...nodes);
      units.moved(maker, reader);
      gone.add(maker);
    }
  }
  return all.filter((unit) => !gone.has(unit));
}
