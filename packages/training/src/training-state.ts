// What a training run carries from step to step besides the model: the state of the optimizer and the number of steps.
import { AttributeError, type Parameter, State, type TypedArray, allocate, sameShape, sizeOf } from "@stria/core";
import type { NamedTensors, Optimizer, OptimizerState } from "@stria/optimizers";
import type { GradientSums } from "./accumulation.ts";

/** The state of a training run. Its cells are named `optimizer.<slot>.<path>`. */
export class TrainingState {
  readonly model: object;
  readonly optimizer: Optimizer;
  /** Steps so far: the number of the next one. */
  steps = 0;
  /** Where several batches make a step: the gradients of those that wait for it. */
  readonly sums: GradientSums | undefined;
  readonly #slots = new Map<string, Map<string, State>>();

  constructor(model: object, optimizer: Optimizer, sums?: GradientSums) {
    this.model = model;
    this.optimizer = optimizer;
    this.sums = sums;
  }

  /** The cells of the optimizer's state for these parameters, by slot and path; made where there were none. */
  slotsFor(parameters: ReadonlyMap<string, Parameter>): ReadonlyMap<string, ReadonlyMap<string, State>> {
    const specs = this.optimizer.init(new Map([...parameters].map(([path, { aval }]) => [path, aval])));
    for (const [slot, paths] of specs) {
      const cells = this.#slots.get(slot) ?? new Map<string, State>();
      this.#slots.set(slot, cells);
      for (const [path, { shape, dtype, value }] of paths) {
        const kept = cells.get(path);
        if (kept && kept.dtype === dtype && sameShape(kept.shape, shape)) continue; // else the layer is another one now
        // What is allocated is zero already, and takes no memory before it is used.
        const first = (): TypedArray =>
          value === 0 ? allocate(dtype, sizeOf(shape)) : allocate(dtype, sizeOf(shape)).fill(value);
        const cell = new State(shape, first, dtype);
        cell.name(`optimizer.${slot}.${path}`);
        cells.set(path, cell);
      }
    }
    return this.#slots;
  }

  /** All cells of the optimizer's state, by name. */
  cells(): Map<string, State> {
    return new Map([...this.#slots.values()].flatMap((cells) => [...cells.values()].map((cell) => [cell.path, cell])));
  }

  /** Values of the slots, for the optimizer. */
  read(): OptimizerState {
    return new Map([...this.#slots].map(([slot, cells]) => [slot, valuesOf(cells)]));
  }

  /** The average of the parameters that `withAverage` keeps, by path: tensors of the caller's. @throws AttributeError where there is none. */
  average(): NamedTensors {
    const cells = this.#slots.get("average");
    if (cells) return valuesOf(cells);
    throw new AttributeError(
      "average",
      "the optimizer keeps no average",
      "wrap it, outermost: withAverage(optimizer, ema(0.999)), and make a step",
    );
  }

  /** Writes what the optimizer returned. */
  write(state: OptimizerState): void {
    for (const [slot, values] of state)
      for (const [path, value] of values) this.#slots.get(slot)?.get(path)?.set(value);
  }
}

function valuesOf(cells: ReadonlyMap<string, State>): NamedTensors {
  return new Map([...cells].map(([path, cell]) => [path, cell.value]));
}
