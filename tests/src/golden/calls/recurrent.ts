// Recurrent cells and layers: the library's own, filled with the given parameters.
import { type Tensor, evaluating, namedCells, training } from "@stria/core";
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell, type RNNOptions } from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import type { Answer, Call, CallTable } from "./call.ts";

function nonlinearityOf(given: Arguments): "tanh" | "relu" {
  const name = given.text("nonlinearity", "tanh");
  return name === "tanh" || name === "relu" ? name : given.unsupported(`with ${name}`);
}

function fill(layer: object, given: Arguments): void {
  for (const [name, cell] of namedCells(layer)) cell.set(given.tensor(name));
}

function sizes(given: Arguments): [inputSize: number, hiddenSize: number] {
  return [given.number("input_size"), given.number("hidden_size")];
}

function optionsOf(given: Arguments): RNNOptions {
  return {
    layers: given.number("num_layers", 1),
    bias: given.flag("bias", true),
    batchFirst: given.flag("batch_first", false),
    dropout: given.number("dropout", 0),
    bidirectional: given.flag("bidirectional", false),
  };
}

function inMode<T>(given: Arguments, f: () => T): T {
  return (given.training ? training : evaluating)(f);
}

/** A state that is a pair; without one the layer starts from zero. */
function pair(given: Arguments): { hidden: Tensor; cell: Tensor } | undefined {
  const [hidden, cell] = [given.maybe("h_0"), given.maybe("c_0")];
  return hidden && cell ? { hidden, cell } : undefined;
}

function plainCell(build: (given: Arguments) => RNNCell | GRUCell): Call {
  return (given): Answer => {
    const cell = build(given);
    fill(cell, given);
    return { h_1: cell.forward(given.tensor(), given.maybe("h_0")) };
  };
}

function plainLayer(build: (given: Arguments) => RNN | GRU): Call {
  return (given): Answer => {
    const layer = build(given);
    fill(layer, given);
    const { output, hidden } = inMode(given, () => layer.forward(given.tensor(), given.maybe("h_0")));
    return { output, h_n: hidden };
  };
}

export const recurrentCalls: CallTable = {
  "torch.nn.RNNCell": plainCell(
    (given) => new RNNCell(...sizes(given), { bias: given.flag("bias", true), nonlinearity: nonlinearityOf(given) }),
  ),
  "torch.nn.GRUCell": plainCell((given) => new GRUCell(...sizes(given), { bias: given.flag("bias", true) })),
  "torch.nn.LSTMCell": (given): Answer => {
    const layer = new LSTMCell(...sizes(given), { bias: given.flag("bias", true) });
    fill(layer, given);
    const { hidden, cell } = layer.forward(given.tensor(), pair(given));
    return { h_1: hidden, c_1: cell };
  },
  "torch.nn.RNN": plainLayer(
    (given) => new RNN(...sizes(given), { ...optionsOf(given), nonlinearity: nonlinearityOf(given) }),
  ),
  "torch.nn.GRU": plainLayer((given) => new GRU(...sizes(given), optionsOf(given))),
  "torch.nn.LSTM": (given): Answer => {
    const projectionSize = given.number("proj_size", 0) || null;
    const layer = new LSTM(...sizes(given), { ...optionsOf(given), projectionSize });
    fill(layer, given);
    const { output, hidden, cell } = inMode(given, () => layer.forward(given.tensor(), pair(given)));
    return { output, h_n: hidden, c_n: cell };
  },
};
