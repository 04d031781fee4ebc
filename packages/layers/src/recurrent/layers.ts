// Recurrent layers: units over all steps of a sequence, in layers and in both directions, unrolled in the graph.
import {
  AttributeError,
  type Parameter,
  ShapeError,
  type Tensor,
  at,
  bernoulli,
  concat,
  isTraining,
  matmul,
  mul,
  reshape,
  showShape,
  transpose,
  zeros,
} from "@stria/core";
import { range } from "../axes.ts";
import { checkOptions } from "../check-options.ts";
import { checkProbability, checkSizes } from "../check.ts";
import { Module, inLayer, placeOf } from "../module.ts";
import { split } from "./split.ts";
import { type Unit, type UnitState, elman, gatedRecurrentUnit, longShortTermMemory } from "./units.ts";
import { type UnitWeights, fromHidden, fromInput, namedWeights, unitWeights } from "./weights.ts";

export interface RecurrentOptions {
  /** Layers on top of each other, each of which reads what the one below gives. Default 1. */
  readonly layers?: number;
  /** Whether there are biases, one of the input's product and one of the state's. Default true. */
  readonly bias?: boolean;
  /** Whether sequences are [N, time, features] instead of [time, N, features]. States are [layers, N, size] in both. Default false. */
  readonly batchFirst?: boolean;
  /** Share of what each layer but the last gives that is dropped in training. Default 0. */
  readonly dropout?: number;
  /** Whether a second unit reads the sequence from its end; its results follow those of the first along the features. Default false. */
  readonly bidirectional?: boolean;
}

export interface RNNOptions extends RecurrentOptions {
  /** Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

export interface LSTMOptions extends RecurrentOptions {
  /** Size to which the hidden state is projected after each step (Sak et al. 2014). Default: not at all. */
  readonly projectionSize?: number | null;
}

/** What a recurrent layer gives. */
export interface RecurrentResult {
  /** The hidden state after each step, [time, N, size], or [N, time, size] with `batchFirst`; of both directions one after the other. */
  readonly output: Tensor;
  /** The hidden state after the last step, [layers, N, size]; with two directions [2 layers, N, size], each layer's one after the other. */
  readonly hidden: Tensor;
}

/** State of an LSTM: `hidden` and `cell`, as in {@link RecurrentResult}. */
export interface LSTMState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/** Each is unrolled over all steps: a number that is far too large is told before anything is made. */
const mostLayers = 1024;

interface Direction {
  readonly weights: UnitWeights;
  readonly backwards: boolean;
}

interface Unrolled {
  readonly output: Tensor;
  readonly states: readonly UnitState[];
}

/** The steps of a sequence [time, N, size], or the layers of a state, each as [N, size]. */
function unstack(x: Tensor): Tensor[] {
  return split(x, 0, at(x.shape, 0)).map((one) => reshape(one, x.shape.slice(1)));
}

function stack(parts: readonly Tensor[]): Tensor {
  return concat(
    parts.map((one) => reshape(one, [1, ...one.shape])),
    0,
  );
}

abstract class RecurrentLayer<Start, Result extends RecurrentResult> extends Module<
  [x: Tensor, start?: Start],
  Result
> {
  readonly [name: `weight_${string}` | `bias_${string}`]: Parameter;
  readonly kind: string;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly projectionSize: number | null;
  readonly #unit: Unit;
  readonly #layers: readonly (readonly Direction[])[];

  constructor(kind: string, unit: Unit, inputSize: number, hiddenSize: number, options: LSTMOptions) {
    super();
    const { layers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false } = options;
    const { projectionSize = null } = options;
    checkOptions(kind, options, { layers, bias, batchFirst, dropout, bidirectional, projectionSize });
    checkSizes(kind, { inputSize, hiddenSize, layers });
    if (layers > mostLayers) throw new AttributeError(kind, `there are ${layers} layers`, `use 1 to ${mostLayers}`);
    checkProbability(kind, dropout);
    if (
      projectionSize !== null &&
      (!Number.isInteger(projectionSize) || projectionSize < 1 || projectionSize >= hiddenSize)
    )
      throw new AttributeError(kind, `projectionSize is ${projectionSize}`, `use a whole number below ${hiddenSize}`);
    this.kind = kind;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.projectionSize = projectionSize;
    this.#unit = unit;
    const directions = bidirectional ? [false, true] : [false];
    const given = (projectionSize ?? hiddenSize) * directions.length;
    this.#layers = range(layers).map((layer) =>
      directions.map((backwards) => {
        const sizes = { inputSize: layer === 0 ? inputSize : given, hiddenSize, bias, projectionSize };
        const weights = unitWeights({ gates: unit.gates, ...sizes });
        Object.assign(this, namedWeights(weights, `_l${layer}${backwards ? "_reverse" : ""}`));
        return { weights, backwards };
      }),
    );
  }

  /** @internal All steps from the given parts of the state, [layers * directions, N, size]; what is not given is zero. */
  protected unroll(given: Tensor, start: Partial<UnitState>, withCell: boolean): Unrolled {
    return inLayer(this, this.kind, () => {
      if (given.rank !== 3 || given.shape[2] !== this.inputSize)
        throw new ShapeError(
          this.kind,
          `the input is ${showShape(given.shape)}`,
          `give [${this.batchFirst ? "batch, time" : "time, batch"}, ${this.inputSize}]`,
        );
      let sequence = this.batchFirst ? transpose(given, [1, 0, 2]) : given;
      if (sequence.shape[0] === 0) throw new ShapeError(this.kind, "the sequence has no steps", "give at least one");
      const first = this.#firstStates(sequence.shape[1] ?? 0, start, withCell);
      const states: UnitState[] = [];
      for (const [layer, directions] of this.#layers.entries()) {
        const input = layer === 0 ? sequence : this.#dropped(sequence);
        const results = directions.map((direction) => {
          const { outputs, state } = this.#run(input, direction, first(states.length));
          states.push(state);
          return outputs;
        });
        sequence = concat(results, 2);
      }
      return { output: this.batchFirst ? transpose(sequence, [1, 0, 2]) : sequence, states };
    });
  }

  /** The state before the first step, by number of layer and direction. @throws ShapeError where a given one does not fit. */
  #firstStates(batch: number, start: Partial<UnitState>, withCell: boolean): (index: number) => UnitState {
    const count = this.#layers.flat().length;
    const sizes = { hidden: this.projectionSize ?? this.hiddenSize, ...(withCell && { cell: this.hiddenSize }) };
    const firstOf = (name: "hidden" | "cell", size: number): ((index: number) => Tensor) => {
      const tensor = start[name];
      const shape = [count, batch, size];
      if (!tensor) return () => zeros([batch, size]);
      if (tensor.shape.join() !== shape.join())
        throw new ShapeError(
          this.kind,
          `the state's ${name} is ${showShape(tensor.shape)}`,
          `give ${showShape(shape)}`,
        );
      const parts = unstack(tensor);
      return (index) => at(parts, index);
    };
    const hidden = firstOf("hidden", sizes.hidden);
    const cell = sizes.cell === undefined ? undefined : firstOf("cell", sizes.cell);
    return (index) => ({ hidden: hidden(index), ...(cell && { cell: cell(index) }) });
  }

  #run(sequence: Tensor, { weights, backwards }: Direction, first: UnitState): { outputs: Tensor; state: UnitState } {
    const [time = 0, batch = 0, size = 0] = sequence.shape;
    // The input's part of all steps is one product.
    const rows = fromInput(reshape(sequence, [time * batch, size]), weights);
    const projected = unstack(reshape(rows, [time, batch, rows.shape[1] ?? 0]));
    const outputs: Tensor[] = [];
    let state = first;
    for (const step of backwards ? range(time).toReversed() : range(time)) {
      const next = this.#unit.step(at(projected, step), fromHidden(state.hidden, weights), state);
      const { projection } = weights;
      state = projection ? { ...next, hidden: matmul(next.hidden, projection, { transposeB: true }) } : next;
      outputs.push(state.hidden);
    }
    return { outputs: stack(backwards ? outputs.toReversed() : outputs), state };
  }

  #dropped(x: Tensor): Tensor {
    const kept = 1 - this.dropout;
    const place = placeOf(this, this.kind);
    if (kept === 1 || !isTraining(this, place)) return x;
    return kept === 0 ? mul(x, 0) : mul(x, mul(bernoulli(x.shape, kept, place), 1 / kept));
  }
}

/** The last states, [layers * directions, N, size]. */
function lastHidden(states: readonly UnitState[]): Tensor {
  return stack(states.map(({ hidden }) => hidden));
}

/**
 * A plain recurrent network (Elman 1990) over sequences [time, N, inputSize] (or [N, time, inputSize] with `batchFirst`), from a state
 * [layers * directions, N, hiddenSize] or zeros. Each number of steps is a graph of its own.
 *
 * Parameters, as PyTorch names them: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `weight_ih_l0_reverse`, ..., `weight_ih_l1`, ...
 * @throws AttributeError for sizes below 1; `forward` ShapeError for an input or a state that does not fit.
 */
export class RNN extends RecurrentLayer<Tensor, RecurrentResult> {
  constructor(inputSize: number, hiddenSize: number, { nonlinearity = "tanh", ...options }: RNNOptions = {}) {
    super("RNN", elman("RNN", nonlinearity), inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, start?: Tensor): RecurrentResult {
    const { output, states } = this.unroll(x, start ? { hidden: start } : {}, false);
    return { output, hidden: lastHidden(states) };
  }
}

/** Gated recurrent units (Cho et al. 2014) over sequences. As {@link RNN}. */
export class GRU extends RecurrentLayer<Tensor, RecurrentResult> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super("GRU", gatedRecurrentUnit, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, start?: Tensor): RecurrentResult {
    const { output, states } = this.unroll(x, start ? { hidden: start } : {}, false);
    return { output, hidden: lastHidden(states) };
  }
}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997) over sequences. As {@link RNN}, with a `cell` besides the hidden state. With
 * `projectionSize` there is a parameter `weight_hr_l0`, ..., too.
 */
export class LSTM extends RecurrentLayer<LSTMState, RecurrentResult & LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super("LSTM", longShortTermMemory, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, start?: LSTMState): RecurrentResult & LSTMState {
    const { output, states } = this.unroll(x, start ?? {}, true);
    const cells = states.flatMap(({ cell }) => cell ?? []);
    return { output, hidden: lastHidden(states), cell: stack(cells) };
  }
}
