// Gradients over several batches: what is kept between them, and how it is put together.
import { AttributeError, type Parameter, State, type Tensor, add, div, full, isTensor, mul, sum } from "@stria/core";
import type { NamedTensors } from "@stria/optimizers";

/** @throws AttributeError when it is no whole number >= 1. */
export function checkAccumulate(accumulate: number): void {
  if (!Number.isSafeInteger(accumulate) || accumulate < 1)
    throw new AttributeError("trainStep", `accumulate is ${accumulate}`, "use a whole number of batches >= 1");
}

/** How many examples a batch has: the rows of its `mask` that count, else the size of its first axis. */
function examplesOf(batch: unknown): Tensor | number {
  if (typeof batch !== "object" || batch === null) return 1;
  const mask: unknown = Reflect.get(batch, "mask");
  if (isTensor(mask)) return sum(mask);
  const values: unknown[] = Object.values(batch);
  return values.filter(isTensor).find(({ rank }) => rank > 0)?.shape[0] ?? 1;
}

/** Sums of gradients, each weighted by the examples of its batch: their quotient is the gradient of the mean over all of them. */
export class GradientSums {
  readonly #sums = new Map<string, State>();
  readonly #examples = zeroState("optimizer.accumulatedExamples.count", []);
  /** Batches that are in the sums. */
  batches = 0;

  /** The cells, by name; made where there were none. */
  cellsFor(parameters: ReadonlyMap<string, Parameter>): Map<string, State> {
    for (const [path, { shape }] of parameters)
      if (!this.#sums.has(path)) this.#sums.set(path, zeroState(`optimizer.accumulated.${path}`, shape));
    return new Map([...this.#sums.values(), this.#examples].map((cell) => [cell.path, cell]));
  }

  /** Adds the mean gradients of a batch. */
  add(gradients: NamedTensors, batch: unknown): void {
    const examples = examplesOf(batch);
    for (const [path, gradient] of gradients) {
      const cell = this.#cell(path);
      cell.set(add(cell, mul(gradient, examples)));
    }
    this.#examples.set(add(this.#examples, examples));
  }

  /** The mean gradients over all examples so far; the sums start again. */
  take(paths: Iterable<string>): { readonly gradients: Map<string, Tensor>; readonly examples: Tensor } {
    const examples = this.#examples.value;
    const gradients = new Map<string, Tensor>();
    for (const path of paths) {
      const cell = this.#cell(path);
      gradients.set(path, div(cell, examples));
      cell.set(full(cell.shape, 0));
    }
    this.#examples.set(full([], 0));
    return { gradients, examples };
  }

  /** Forgets what was added. */
  clear(): void {
    for (const cell of [...this.#sums.values(), this.#examples])
      cell.load(new Float32Array(cell.shape.reduce((size, axis) => size * axis, 1)));
    this.batches = 0;
  }

  #cell(path: string): State {
    const cell = this.#sums.get(path);
    if (!cell)
      throw new AttributeError(
        "trainStep",
        `${path} has become trainable inside a step`,
        "freeze and unfreeze layers between steps",
      );
    return cell;
  }
}

function zeroState(name: string, shape: readonly number[]): State {
  const cell = new State(shape, () => new Float32Array(shape.reduce((size, axis) => size * axis, 1)));
  cell.name(name);
  return cell;
}
