// The recurrent units: their state one step later, as PyTorch has it.
import { type Tensor, add, at, mul, relu, sigmoid, sub, tanh } from "@stria/core";
import { wordOf } from "../check-options.ts";
import { split } from "./split.ts";

/** What goes from step to step: `hidden` [N, hidden size], and the LSTM's `cell`. */
export interface UnitState {
  readonly hidden: Tensor;
  readonly cell?: Tensor;
}

/**
 * One step. `fromInput` and `fromHidden` [N, gates * size] are what the input and the hidden state contribute to each gate, biases included; of an
 * LSTM with a projection the hidden state that comes out is not yet projected.
 */
export interface Unit {
  readonly gates: number;
  step(fromInput: Tensor, fromHidden: Tensor, state: UnitState): UnitState;
}

function gatesOf(x: Tensor, count: number): (index: number) => Tensor {
  const gates = split(x, 1, count);
  return (index) => at(gates, index);
}

/** f(W x + U h) (Elman 1990). */
export function elman(layer: string, nonlinearity: "tanh" | "relu"): Unit {
  const f = wordOf(layer, "nonlinearity", nonlinearity, { tanh, relu });
  return { gates: 1, step: (fromInput, fromHidden) => ({ hidden: f(add(fromInput, fromHidden)) }) };
}

/** Long short-term memory (Hochreiter & Schmidhuber 1997) with a forget gate (Gers et al. 2000). Gates: input, forget, cell, output. */
export const longShortTermMemory: Unit = {
  gates: 4,
  step(fromInput, fromHidden, { cell }) {
    const gate = gatesOf(add(fromInput, fromHidden), 4);
    const written = mul(sigmoid(gate(0)), tanh(gate(2)));
    const next = cell ? add(mul(sigmoid(gate(1)), cell), written) : written;
    return { hidden: mul(sigmoid(gate(3)), tanh(next)), cell: next };
  },
};

/** Gated recurrent unit (Cho et al. 2014); as in PyTorch the reset gate acts after the product. Gates: reset, update, new. */
export const gatedRecurrentUnit: Unit = {
  gates: 3,
  step(fromInput, fromHidden, { hidden }) {
    const [input, previous] = [gatesOf(fromInput, 3), gatesOf(fromHidden, 3)];
    const reset = sigmoid(add(input(0), previous(0)));
    const update = sigmoid(add(input(1), previous(1)));
    const fresh = tanh(add(input(2), mul(reset, previous(2))));
    return { hidden: add(fresh, mul(update, sub(hidden, fresh))) };
  },
};
