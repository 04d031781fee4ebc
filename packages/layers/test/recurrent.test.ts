// Recurrent layers where the goldens say nothing: projections, ReLU, dropout, in a list of layers, errors.
import { type Tensor, evaluating, namedCells, setSeed, sizeOf, tensor, training, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, expect, it } from "vitest";
import {
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  RNN,
  RNNCell,
  dense,
  gru,
  lastStep,
  lstm,
  rnn,
  sequential,
  stateDict,
} from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

/** sin(0) / 2, sin(1) / 2, ... through all parameters, as the figures below were made. */
function fill(layer: object): void {
  let first = 0;
  for (const cell of namedCells(layer).values()) {
    const from = first;
    cell.load(Float32Array.from({ length: sizeOf(cell.shape) }, (_, index) => Math.sin(from + index) / 2));
    first += sizeOf(cell.shape);
  }
}

function waves(shape: readonly number[]): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.cos(index)),
    { shape },
  );
}

/** The largest distance between elements. */
async function distance(found: Tensor, wanted: readonly number[]): Promise<number> {
  const values = [...(await found.data())];
  expect(values).toHaveLength(wanted.length);
  return Math.max(...wanted.map((value, index) => Math.abs(value - (values[index] ?? NaN))));
}

it("projects the hidden state, in two layers and both directions, as PyTorch does", async () => {
  const layer = new LSTM(3, 4, { layers: 2, bidirectional: true, projectionSize: 2 });
  fill(layer);
  expect([...stateDict(layer).keys()].filter((key) => key.endsWith("_l1_reverse"))).toEqual([
    "weight_ih_l1_reverse",
    "weight_hh_l1_reverse",
    "bias_ih_l1_reverse",
    "bias_hh_l1_reverse",
    "weight_hr_l1_reverse",
  ]);
  const { output, hidden, cell } = layer.forward(waves([3, 2, 3]));
  expect([output.shape, hidden.shape, cell.shape]).toEqual([
    [3, 2, 4],
    [4, 2, 2],
    [4, 2, 4],
  ]);
  // torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2), filled likewise, in float64
  const last = (await output.data()).slice(16);
  const wanted = [
    0.05515717351276452, -0.025013809863074398, 0.04195762845705801, -0.020385492029882508, 0.048217143322361884,
    -0.023643523604190426, 0.04039553593367244, -0.02344903312263206,
  ];
  expect(await distance(tensor(Float32Array.from(last)), wanted)).toBeLessThan(1e-6);
});

it("a ReLU may stand for the hyperbolic tangent", async () => {
  const layer = new RNN(3, 2, { nonlinearity: "relu" });
  fill(layer);
  // torch.nn.RNN(3, 2, nonlinearity="relu"), filled likewise, on ones
  const { output } = layer.forward(tensor(new Float32Array(9).fill(1), { shape: [3, 1, 3] }));
  const wanted = [0.33508719137188675, 0, 0.2882729141132595, 0, 0.29481323141478044, 0];
  expect(await distance(output, wanted)).toBeLessThan(1e-6);
});

it("drops between layers in training only", async () => {
  const layer = new GRU(3, 4, { layers: 2, dropout: 0.5 });
  const plain = new GRU(3, 4, { layers: 2 });
  fill(layer);
  fill(plain);
  const x = waves([3, 2, 3]);
  const read = async (y: Tensor): Promise<number[]> => [...(await y.data())];
  const wanted = await read(plain.forward(x).output);
  expect(await read(evaluating(() => layer.forward(x).output))).toEqual(wanted);
  const dropped = await read(training(() => layer.forward(x).output));
  expect(dropped).not.toEqual(wanted);
  expect(await read(training(() => layer.forward(x).output))).not.toEqual(dropped);
});

it("stands in a list of layers, whose sizes are worked out", () => {
  const model = sequential([rnn(4), gru(5, { bidirectional: true }), lstm(6), lastStep(), dense(2)], {
    inputShape: [7, 3],
  });
  expect(model.forward(zeros([2, 7, 3])).shape).toEqual([2, 2]);
  expect(stateDict(model).get("1.weight_ih_l0_reverse")?.shape).toEqual([15, 4]);
  expect(stateDict(model).get("2.weight_ih_l0")?.shape).toEqual([24, 10]);

  expect(() => sequential([lstm(2)], { inputShape: [3] })).toThrow(/^0: lstm: its input is \[3\]/);
});

it.each<[string, () => unknown, string | RegExp]>([
  ["another input size", () => new RNN(3, 2).forward(zeros([4, 1, 2])), "give [time, batch, 3]"],
  ["another rank", () => new RNN(3, 2, { batchFirst: true }).forward(zeros([4, 3])), "give [batch, time, 3]"],
  ["no steps", () => new GRU(3, 2).forward(zeros([0, 1, 3])), "the sequence has no steps"],
  ["a state of another size", () => new GRU(3, 2).forward(zeros([4, 1, 3]), zeros([1, 1, 3])), "give [1, 1, 2]"],
  [
    "a cell of another size",
    () => new LSTM(3, 2).forward(zeros([4, 1, 3]), { hidden: zeros([1, 1, 2]), cell: zeros([1, 2, 2]) }),
    "the state's cell is [1, 2, 2]",
  ],
  ["a projection that is none", () => new LSTM(3, 2, { projectionSize: 2 }), "projectionSize is 2"],
  ["a hidden size of 0", () => new LSTM(3, 0), "hiddenSize is 0"],
  ["a share above 1", () => new LSTM(3, 2, { dropout: 2 }), "probability 2"],
  ["a cell's input", () => new RNNCell(3, 2).forward(zeros([4, 2])), "give [batch, 3]"],
  ["a cell's state", () => new GRUCell(3, 2).forward(zeros([4, 3]), zeros([3, 2])), "give [4, 2]"],
  [
    "an LSTM cell's state",
    () => new LSTMCell(3, 2).forward(zeros([4, 3]), { hidden: zeros([4, 2]), cell: zeros([4, 3]) }),
    "the state's cell is [4, 3]",
  ],
])("refuses %s", (_, f, message) => {
  expect(f).toThrow(message);
});
