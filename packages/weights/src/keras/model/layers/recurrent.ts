// Recurrent layers with Keras' gates: any activations, and the GRU whose reset gate acts before the product. Unrolled over all steps.
import { type Tensor, add, concat, div, matmul, mul, reshape, slice, sub, zeros } from "@stria/core";
import { mergeModes } from "../../topology/rules/weighted.ts";
import type { Settings } from "../../topology/settings.ts";
import { type Activate, activation } from "../activations.ts";
import type { Builder, Cells } from "../build.ts";
import { range } from "../layout.ts";

interface State {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

interface Unit {
  readonly gates: number;
  step(fromInput: Tensor, state: State): State;
}

/** Columns of gate `index`, of so many columns each. */
function gate(x: Tensor, index: number, size: number, count = 1): Tensor {
  return slice(x, [0, index * size], [x.shape[0] ?? 1, count * size]);
}

interface Weights {
  readonly recurrent: Tensor;
  readonly recurrentBias: Tensor | undefined;
}

interface Functions {
  readonly activate: (x: Tensor) => Tensor;
  readonly gate: (x: Tensor) => Tensor;
  readonly units: number;
  readonly resetAfter: boolean;
}

function times(hidden: Tensor, { recurrent, recurrentBias }: Weights): Tensor {
  const product = matmul(hidden, recurrent, { transposeB: true });
  return recurrentBias ? add(product, recurrentBias) : product;
}

const units: Readonly<Record<string, (weights: Weights, functions: Functions) => Unit>> = {
  SimpleRNN: (weights, { activate }) => ({
    gates: 1,
    step: (fromInput, { hidden, cell }) => ({ hidden: activate(add(fromInput, times(hidden, weights))), cell }),
  }),
  LSTM: (weights, { activate, gate: open, units: size }) => ({
    gates: 4,
    step: (fromInput, { hidden, cell }) => {
      const all = add(fromInput, times(hidden, weights));
      const written = mul(open(gate(all, 0, size)), activate(gate(all, 2, size)));
      const next = add(mul(open(gate(all, 1, size)), cell), written);
      return { hidden: mul(open(gate(all, 3, size)), activate(next)), cell: next };
    },
  }),
  // Gates in Stria's order: reset, update, new.
  GRU: (weights, { activate, gate: open, units: size, resetAfter }) => ({
    gates: 3,
    step: (fromInput, { hidden, cell }) => {
      const gatesOf = (rows: Tensor, first: number, count: number): Tensor =>
        slice(rows, [first * size, 0], [count * size, size]);
      const both = resetAfter
        ? times(hidden, weights)
        : matmul(hidden, gatesOf(weights.recurrent, 0, 2), { transposeB: true });
      const reset = open(add(gate(fromInput, 0, size), gate(both, 0, size)));
      const update = open(add(gate(fromInput, 1, size), gate(both, 1, size)));
      const fromState = resetAfter
        ? mul(reset, gate(both, 2, size))
        : matmul(mul(reset, hidden), gatesOf(weights.recurrent, 2, 1), { transposeB: true });
      const fresh = activate(add(gate(fromInput, 2, size), fromState));
      return { hidden: add(fresh, mul(update, sub(hidden, fresh))), cell };
    },
  }),
};

/** A layer in one direction: x [N, time, features] to the hidden states after each step that it sees. */
type Direction = (x: Tensor, backwards: boolean) => Tensor[];

function direction(settings: Settings, cells: Cells, suffix: string, version: number): Direction {
  const { className } = settings.layer;
  for (const key of ["stateful", "return_state", "time_major"])
    if (settings.flag(key, false)) settings.fail(`is ${key}, which is not supported`);
  const bound = (f: Activate) => (x: Tensor) => f(x, "plain");
  const functions: Functions = {
    activate: bound(activation(settings, settings.activation("activation", "tanh"), version)),
    gate: bound(activation(settings, settings.activation("recurrent_activation", "sigmoid"), version)),
    units: settings.integer("units"),
    resetAfter: settings.flag("reset_after", false),
  };
  return (x, backwards) => {
    const [batch = 1, time = 1, features = 1] = x.shape;
    const weights: Weights = {
      recurrent: cells.value(`weight_hh${suffix}`),
      recurrentBias: cells.optional(`bias_hh${suffix}`),
    };
    const unit = units[className]?.(weights, functions) ?? settings.fail("is no recurrent layer");
    // The input's part of all steps is one product.
    const product = matmul(reshape(x, [batch * time, features]), cells.value(`weight_ih${suffix}`), {
      transposeB: true,
    });
    const bias = cells.optional(`bias_ih${suffix}`);
    const rows = unit.gates * functions.units;
    const all = reshape(bias ? add(product, bias) : product, [batch, time, rows]);
    const start = zeros([batch, functions.units]);
    let state: State = { hidden: start, cell: start };
    const outputs: Tensor[] = [];
    for (const step of backwards ? range(time).toReversed() : range(time)) {
      state = unit.step(reshape(slice(all, [0, step, 0], [batch, 1, rows]), [batch, rows]), state);
      outputs.push(state.hidden);
    }
    return outputs;
  };
}

/** [N, size] each, as [N, time, size]. */
function stacked(outputs: readonly Tensor[]): Tensor {
  return concat(
    outputs.map((one) => reshape(one, [one.shape[0] ?? 1, 1, one.shape[1] ?? 1])),
    1,
  );
}

const single: Builder = ({ settings, cells, version }) => {
  const run = direction(settings, cells, "_l0", version);
  const [sequences, backwards] = [settings.flag("return_sequences", false), settings.flag("go_backwards", false)];
  return ([x]) => {
    const outputs = run(x ?? settings.fail("is given no tensor"), backwards);
    return sequences ? stacked(outputs) : (outputs.at(-1) ?? settings.fail("is given a sequence without steps"));
  };
};

const merges: Readonly<Record<(typeof mergeModes)[number], (a: Tensor, b: Tensor) => Tensor>> = {
  concat: (a, b) => concat([a, b], a.rank - 1),
  sum: add,
  mul,
  ave: (a, b) => div(add(a, b), 2),
};

/** Both directions; `inner` are their settings. */
export function bidirectional(
  settings: Settings,
  inner: readonly [forward: Settings, backward: Settings],
  cells: Cells,
  version: number,
): (x: Tensor) => Tensor {
  const merge = merges[settings.choice("merge_mode", mergeModes, "concat")];
  const [forward, backward] = [
    direction(inner[0], cells, "_l0", version),
    direction(inner[1], cells, "_l0_reverse", version),
  ];
  const sequences = inner[0].flag("return_sequences", false);
  return (x) => {
    const [ahead, behind] = [forward(x, false), backward(x, true)];
    // The backward steps are put into the sequence's order.
    if (sequences) return merge(stacked(ahead), stacked(behind.toReversed()));
    const [last, first] = [ahead.at(-1), behind.at(-1)];
    return last && first ? merge(last, first) : settings.fail("is given a sequence without steps");
  };
}

/** Builders of the recurrent layers. */
export const recurrentBuilders: Readonly<Record<string, Builder>> = { LSTM: single, GRU: single, SimpleRNN: single };
