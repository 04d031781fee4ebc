// Reductions that go over the same arrays become one unit with several results: batch normalisation's backward pass needs two sums over two arrays.
import { at, sameShape, sizeOf } from "@stria/core";
import { numbers, type Classified } from "./classify.ts";
import { reductionsOf, type Unit } from "./unit.ts";

/** Results of one pass: more do not fit registers. */
const mostResults = 4;
/** Nodes of one pass. */
const mostNodes = 64;

/** How units depend on each other. */
export interface UnitGraph {
  /** Roots that a unit reads from memory. */
  inputsOf(unit: Unit): ReadonlySet<number>;
  /** Whether `from` needs, directly or not, something that `target` makes. */
  dependsOn(from: Unit, target: Unit): boolean;
  /** Makes what `from` makes be made by `to`. */
  moved(from: Unit, to: Unit): void;
}

/** Whether two reductions go over the same elements, to results that lie alike. */
function areAlike(c: Classified, a: number, b: number): boolean {
  const { graph } = c;
  const [first, second] = [at(graph.nodes, a), at(graph.nodes, b)];
  const [inputs, outputs] = [
    [at(first.inputs, 0), at(second.inputs, 0)],
    [at(first.outputs, 0), at(second.outputs, 0)],
  ];
  const same = ([one, other]: readonly number[]): boolean =>
    one !== undefined && other !== undefined && sameShape(at(graph.values, one).shape, at(graph.values, other).shape);
  const [one, other] = [at(outputs, 0), at(outputs, 1)];
  return (
    first.op.name === second.op.name &&
    same(inputs) &&
    same(outputs) &&
    at(c.orders, one) === at(c.orders, other) &&
    at(graph.values, one).dtype === at(graph.values, other).dtype &&
    sameShape(numbers(first.attrs, "axes"), numbers(second.attrs, "axes"))
  );
}

/** The units with those reductions joined that read an array of the reduced size in common and do not need each other. */
export function joinReductions(c: Classified, units: readonly Unit[], graph: UnitGraph): Unit[] {
  const kept: Unit[] = [];
  for (const unit of units) {
    const partner = unit.kind === "reduce" ? kept.find((other) => suits(c, other, unit, graph)) : undefined;
    if (!partner) {
      kept.push(unit);
      continue;
    }
    const own = [...reductionsOf(c, partner), ...reductionsOf(c, unit)];
    const members = new Set([...partner.nodes, ...unit.nodes].filter((node) => !own.includes(node)));
    partner.nodes.splice(0, partner.nodes.length, ...[...members].toSorted((a, b) => a - b), ...own);
    graph.moved(unit, partner);
  }
  return kept;
}

function suits(c: Classified, a: Unit, b: Unit, graph: UnitGraph): boolean {
  if (a.kind !== "reduce") return false;
  const [first, second] = [reductionsOf(c, a), reductionsOf(c, b)];
  if (first.length + second.length > mostResults || a.nodes.length + b.nodes.length > mostNodes) return false;
  if (!areAlike(c, at(first, 0), at(second, 0))) return false;
  const size = sizeOf(at(c.graph.values, at(at(c.graph.nodes, at(first, 0)).inputs, 0)).shape);
  const others = graph.inputsOf(b);
  const shares = [...graph.inputsOf(a)].some(
    (root) => others.has(root) && sizeOf(at(c.graph.values, root).shape) === size,
  );
  return shares && !graph.dependsOn(a, b) && !graph.dependsOn(b, a);
}
