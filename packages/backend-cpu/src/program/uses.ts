// Who reads what: nodes that matter, and the nodes that read each value through any views.
import { at, resultValues } from "@stria/core";
import { isItself, type Classified } from "./classify.ts";

export class Uses {
  readonly #c: Classified;
  /** For each node, whether a result depends on it. */
  readonly used: readonly boolean[];
  /** Roots of the values that the program returns. */
  readonly results: ReadonlySet<number>;
  readonly #readers = new Map<number, number[]>();

  constructor(c: Classified) {
    this.#c = c;
    this.results = new Set(resultValues(c.graph).map((value) => at(c.sources, value).root));
    this.used = this.#markUsed();
    c.graph.nodes.forEach((node, index) => {
      if (!at(this.used, index) || at(c.kinds, index) === "view") return;
      for (const root of new Set(node.inputs.map((input) => at(c.sources, input).root))) {
        const list = this.#readers.get(root);
        if (list) list.push(index);
        else this.#readers.set(root, [index]);
      }
    });
  }

  readers(root: number): readonly number[] {
    return this.#readers.get(root) ?? [];
  }

  /** The only node that reads a value, where there is one and the value is no result. */
  onlyReader(root: number): number | undefined {
    const readers = this.readers(root);
    return readers.length === 1 && !this.results.has(root) ? readers[0] : undefined;
  }

  /** Whether a node reads a value only as it is, not through a view. */
  readsWhole(node: number, value: number): boolean {
    const { graph, sources } = this.#c;
    return at(graph.nodes, node).inputs.every((input) => at(sources, input).root !== value || isItself(this.#c, input));
  }

  #markUsed(): boolean[] {
    const { graph, producers } = this.#c;
    const used = graph.nodes.map(() => false);
    const visit = (value: number): void => {
      const stack = [value];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        const producer = at(producers, next);
        if (producer < 0 || used[producer]) continue;
        used[producer] = true;
        stack.push(...at(graph.nodes, producer).inputs);
      }
    };
    for (const value of resultValues(graph)) visit(value);
    return used;
  }
}
