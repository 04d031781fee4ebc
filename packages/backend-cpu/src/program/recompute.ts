// Which elementwise values are computed again wherever they are read: what costs next to nothing beside the memory that it would be written to and
// read from. So batch normalisation's backward pass needs its input alone, not the normalised input too, nor a mask of what was above 0.
import { at, bytesOf, sameShape, sizeOf } from "@stria/core";
import { cheapOps, isItself, type Classified } from "./classify.ts";
import type { Uses } from "./uses.ts";

/** Operations that may be done again in one place, and arrays that are read for them. */
const mostOperations = 8;
const mostArrays = 2;

/** How a value is computed from what is in memory. */
interface Recipe {
  readonly operations: number;
  /** Roots of the value's own size that are read. */
  readonly arrays: ReadonlySet<number>;
}

function bytes({ graph }: Classified, value: number): number {
  const { shape, dtype } = at(graph.values, value);
  return sizeOf(shape) * bytesOf(dtype);
}

/** The recipe of a cheap node, through the operands for which `through` has one; undefined where it takes too much. */
function recipeOf(c: Classified, index: number, through: (root: number) => Recipe | undefined): Recipe | undefined {
  const { graph, sources } = c;
  const node = at(graph.nodes, index);
  if (at(c.kinds, index) !== "map" || !cheapOps.has(node.op.name)) return undefined;
  const size = sizeOf(at(graph.values, at(node.outputs, 0)).shape);
  let operations = 1;
  const arrays = new Set<number>();
  for (const input of node.inputs) {
    const { root, literal } = at(sources, input);
    // What is broadcast is small.
    if (literal !== undefined || sizeOf(at(graph.values, root).shape) < size) continue;
    if (!isItself(c, input)) return undefined;
    const recipe = through(root);
    operations += recipe?.operations ?? 0;
    for (const array of recipe?.arrays ?? [root]) arrays.add(array);
  }
  return operations <= mostOperations && arrays.size <= mostArrays ? { operations, arrays } : undefined;
}

/** Nodes that never write their value: each reader computes it. `taken` are nodes that kernels of their own have taken in. */
export function recomputed(c: Classified, uses: Uses, taken: ReadonlySet<number>): Set<number> {
  const { graph, kinds } = c;
  const recipes = new Map<number, Recipe>();
  const found = new Set<number>();
  graph.nodes.forEach((node, index) => {
    if (!at(uses.used, index) || taken.has(index) || at(kinds, index) !== "map") return;
    const value = at(node.outputs, 0);
    const readers = uses.readers(value);
    const { shape } = at(graph.values, value);
    const suits = readers.every(
      (reader) =>
        !taken.has(reader) &&
        uses.readsWhole(reader, value) &&
        (at(kinds, reader) === "reduce" ||
          (at(kinds, reader) === "map" &&
            sameShape(at(graph.values, at(at(graph.nodes, reader).outputs, 0)).shape, shape))),
    );
    if (!suits || readers.length < 2 || uses.results.has(value)) return;
    const recipe = recipeOf(c, index, (root) => recipes.get(root));
    if (!recipe) return;
    const read = [...recipe.arrays].reduce((sum, array) => sum + bytes(c, array), 0);
    const own = bytes(c, value);
    if (readers.length * read > own * (1 + readers.length) + read) return;
    recipes.set(value, recipe);
    found.add(index);
  });
  return found;
}

/** The nodes that make `value` out of the arrays in `given` alone, in topological order; undefined where that is not cheap. */
export function remade(c: Classified, value: number, given: ReadonlySet<number>): number[] | undefined {
  const nodes = new Set<number>();
  const make = (root: number): Recipe | undefined => {
    const producer = at(c.producers, root);
    if (producer < 0) return undefined;
    const recipe = recipeOf(c, producer, (operand) => (given.has(operand) ? undefined : make(operand)));
    if (recipe) nodes.add(producer);
    return recipe;
  };
  const recipe = make(value);
  return recipe && [...recipe.arrays].every((array) => given.has(array))
    ? [...nodes].toSorted((a, b) => a - b)
    : undefined;
}
