// Recurrent cells: one step of a unit as a layer.
import { type Parameter, ShapeError, type Tensor, showShape, zeros } from "@stria/core";
import { checkSizes } from "../check.ts";
import { checkOptions } from "../check-options.ts";
import { Module, inLayer } from "../module.ts";
import { type Unit, type UnitState, elman, gatedRecurrentUnit, longShortTermMemory } from "./units.ts";
import { type UnitWeights, fromHidden, fromInput, namedWeights, unitWeights } from "./weights.ts";

export interface RecurrentCellOptions {
  /** Whether there are biases, one of the input's product and one of the state's. Default true. */
  readonly bias?: boolean;
}

export interface RNNCellOptions extends RecurrentCellOptions {
  /** Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

/** State of an LSTM cell: `hidden` and `cell`, each [N, hidden size]. */
export interface LSTMCellState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

abstract class RecurrentCell<Start, Result> extends Module<[x: Tensor, state?: Start], Result> {
  readonly [name: `weight_${string}` | `bias_${string}`]: Parameter;
  readonly kind: string;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly #unit: Unit;
  readonly #weights: UnitWeights;

  constructor(kind: string, unit: Unit, inputSize: number, hiddenSize: number, bias: boolean) {
    super();
    checkSizes(kind, { inputSize, hiddenSize });
    this.kind = kind;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.#unit = unit;
    this.#weights = unitWeights({ gates: unit.gates, inputSize, hiddenSize, bias, projectionSize: null });
    Object.assign(this, namedWeights(this.#weights, ""));
  }

  /** @internal One step from the given parts of the state; what is not given is zero. */
  protected next(x: Tensor, given: Partial<UnitState>, withCell: boolean): UnitState {
    return inLayer(this, this.kind, () => {
      const { kind, inputSize, hiddenSize } = this;
      if (x.rank !== 2 || x.shape[1] !== inputSize)
        throw new ShapeError(kind, `the input is ${showShape(x.shape)}`, `give [batch, ${inputSize}]`);
      const shape = [x.shape[0] ?? 0, hiddenSize];
      for (const [name, part] of Object.entries<Tensor | undefined>({ ...given }))
        if (part && part.shape.join() !== shape.join())
          throw new ShapeError(kind, `the state's ${name} is ${showShape(part.shape)}`, `give ${showShape(shape)}`);
      const { hidden = zeros(shape), cell = withCell ? zeros(shape) : undefined } = given;
      return this.#unit.step(fromInput(x, this.#weights), fromHidden(hidden, this.#weights), {
        hidden,
        ...(cell && { cell }),
      });
    });
  }
}

/**
 * One step of a plain recurrent network: x [N, inputSize], state [N, hiddenSize] (zeros when left out) -> the next state, tanh(W x + b + U h + c).
 * Parameters: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. @throws AttributeError for sizes below 1; `forward` ShapeError.
 */
export class RNNCell extends RecurrentCell<Tensor, Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    const { bias = true, nonlinearity = "tanh" } = options;
    checkOptions("RNNCell", options, { bias, nonlinearity });
    super("RNNCell", elman("RNNCell", nonlinearity), inputSize, hiddenSize, bias);
  }

  override forward(x: Tensor, state?: Tensor): Tensor {
    return this.next(x, state ? { hidden: state } : {}, false).hidden;
  }
}

/** One step of a gated recurrent unit (Cho et al. 2014). As {@link RNNCell}, with three gates: reset, update, new. */
export class GRUCell extends RecurrentCell<Tensor, Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    const { bias = true } = options;
    checkOptions("GRUCell", options, { bias });
    super("GRUCell", gatedRecurrentUnit, inputSize, hiddenSize, bias);
  }

  override forward(x: Tensor, state?: Tensor): Tensor {
    return this.next(x, state ? { hidden: state } : {}, false).hidden;
  }
}

/**
 * One step of long short-term memory (Hochreiter & Schmidhuber 1997): x [N, inputSize] and the state (zeros when left out) -> the next state.
 * Four gates: input, forget, cell, output. Parameters and errors as {@link RNNCell}.
 */
export class LSTMCell extends RecurrentCell<LSTMCellState, LSTMCellState> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    const { bias = true } = options;
    checkOptions("LSTMCell", options, { bias });
    super("LSTMCell", longShortTermMemory, inputSize, hiddenSize, bias);
  }

  override forward(x: Tensor, state?: LSTMCellState): LSTMCellState {
    const { hidden, cell = hidden } = this.next(x, state ?? {}, true);
    return { hidden, cell };
  }
}
