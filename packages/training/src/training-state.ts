// What a training run carries from step to step besides the model: the state of the optimizer and the number of steps.
import { type Parameter, State, allocate, sizeOf } from "@stria/core";
import type { NamedTensors, Optimizer, OptimizerState } from "@stria/optimizers";

/** The state of a training run. Its cells are named `optimizer.<slot>.<path>`. */
export class TrainingState {
  readonly model: object;
  readonly optimizer: Optimizer;
  /** Steps so far: the number of the next one. */
  steps = 0;
  readonly #slots = new Map<string, Map<string, State>>();

  constructor(model: object, optimizer: Optimizer) {
    this.model = model;
    this.optimizer = optimizer;
  }

  /** The cells of the optimizer's state for these parameters, by slot and path; made where there were none. */
  slotsFor(parameters: ReadonlyMap<string, Parameter>): ReadonlyMap<string, ReadonlyMap<string, State>> {
    const specs = this.optimizer.init(new Map([...parameters].map(([path, { aval }]) => [path, aval])));
    for (const [slot, paths] of specs) {
      const cells = this.#slots.get(slot) ?? new Map<string, State>();
      this.#slots.set(slot, cells);
      for (const [path, { shape, dtype, value }] of paths) {
        if (cells.has(path)) continue;
        const cell = new State(shape, () => allocate(dtype, sizeOf(shape)).fill(value), dtype);
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

  /** Writes what the optimizer returned. */
  write(state: OptimizerState): void {
    for (const [slot, values] of state)
      for (const [path, value] of values) this.#slots.get(slot)?.get(path)?.set(value);
  }
}

function valuesOf(cells: ReadonlyMap<string, State>): NamedTensors {
  return new Map([...cells].map(([path, cell]) => [path, cell.value]));
}
