// Recurrent layers in a list of layers: sequences are [N, time, features] there, and their size is worked out.
import { AttributeError, type Shape, ShapeError, type Tensor, at, reshape, showShape } from "@stria/core";
import { take } from "../axes.ts";
import { type LayerFactory, Module, inLayer } from "../module.ts";
import { GRU, LSTM, type LSTMOptions, RNN, type RNNOptions, type RecurrentOptions } from "./layers.ts";

function featuresOf(kind: string, input: Shape): number {
  if (input.length !== 2)
    throw new AttributeError(
      kind,
      `its input is ${showShape(input)} for each example`,
      "give sequences, [time, features]: put unflatten or another layer before it that makes them",
    );
  return at(input, 1);
}

/** An {@link RNN} over [N, time, features] for `sequential`, which works the features out and passes its `output` on. */
export function rnn(hiddenSize: number, options: Omit<RNNOptions, "batchFirst"> = {}): LayerFactory {
  return (input) => new RNN(featuresOf("rnn", input), hiddenSize, { ...options, batchFirst: true });
}

/** A {@link GRU} over [N, time, features] for `sequential`, which works the features out and passes its `output` on. */
export function gru(hiddenSize: number, options: Omit<RecurrentOptions, "batchFirst"> = {}): LayerFactory {
  return (input) => new GRU(featuresOf("gru", input), hiddenSize, { ...options, batchFirst: true });
}

/** An {@link LSTM} over [N, time, features] for `sequential`, which works the features out and passes its `output` on. */
export function lstm(hiddenSize: number, options: Omit<LSTMOptions, "batchFirst"> = {}): LayerFactory {
  return (input) => new LSTM(featuresOf("lstm", input), hiddenSize, { ...options, batchFirst: true });
}

/** The last step of a sequence [N, time, ...]: [N, ...]. */
export class LastStep extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "LastStep", () => {
      const [batch, time, ...rest] = x.shape;
      if (batch === undefined || time === undefined || time === 0)
        throw new ShapeError("LastStep", `the input is ${showShape(x.shape)}`, "give [batch, time, ...]");
      return reshape(take(x, 1, time - 1, 1), [batch, ...rest]);
    });
  }
}

/** A {@link LastStep}. */
export function lastStep(): LastStep {
  return new LastStep();
}
