// The memory that a summary tells, against sums made by hand: values that are live at once, four bytes each.
import { describe, expect, it } from "vitest";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
  freeze,
  summary,
} from "../src/index.ts";

const bytes = 4;

describe("activations of a forward pass", () => {
  it("are a layer's input and output, where nothing else is kept", () => {
    const net = new Sequential([new Linear(10, 20), new Linear(20, 30), new Linear(30, 5)]);
    expect(summary(net, [10]).memory.inference).toBe((20 + 30) * bytes);
  });

  it("take no place for a ReLU, whose result is written over its input, and none for a flattened view", () => {
    const net = new Sequential([
      new Conv2d(1, 4, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(64, 1),
    ]);
    expect(summary(net, [1, 8, 8]).memory.inference).toBe((64 + 256) * bytes);
  });

  it("hold the input of a shortcut until it is added", () => {
    const body = new Sequential([new Linear(8, 8), new Linear(8, 8)]);
    expect(summary(new Residual(body), [8]).memory.inference).toBe((8 + 8 + 8) * bytes);
  });

  it("are those of the two widest maps in VGG-16: 64 maps of 224x224 twice", () => {
    const [first, second] = [new Conv2d(3, 64, 3, { padding: 1 }), new Conv2d(64, 64, 3, { padding: 1 })];
    const net = new Sequential([first, new ReLU(), second, new ReLU(), new MaxPool2d(2)]);
    expect(summary(net, [3, 224, 224]).memory.inference).toBe(2 * 3_211_264 * bytes);
  });
});

describe("activations of a training step", () => {
  it("are kept for the gradients of the weights", () => {
    // The inputs of all three layers are kept; the widest moment has the cotangents of both sides of the second layer's product.
    const net = new Sequential([new Linear(10, 20), new Linear(20, 30), new Linear(30, 5)]);
    expect(summary(net, [10]).memory.training).toBe((10 + 20 + 30 + 5) * bytes);
  });

  it("grow with depth where those of inference do not", () => {
    const block = () => [new Conv2d(4, 4, 3, { padding: 1 }), new BatchNorm2d(4), new ReLU()];
    const memoryOf = (depth: number) =>
      summary(new Sequential(Array.from({ length: depth }, block).flat()), [4, 8, 8]).memory;
    const [shallow, deep] = [memoryOf(2), memoryOf(6)];
    expect(deep.inference).toBe(shallow.inference);
    // Each block more keeps the convolution's result and the ReLU's; the normalised values come again from the first.
    expect(deep.training - shallow.training).toBeGreaterThanOrEqual(4 * 2 * 256 * bytes);
  });

  it("are those of inference where nothing trains", () => {
    const net = new Sequential([new Linear(10, 20), new Linear(20, 30)]);
    freeze(net);
    const { memory } = summary(net, [10]);
    expect(memory.training).toBe(memory.inference);
  });
});

it("parameters and running statistics are counted as they lie in memory", () => {
  const net = new Sequential([new Conv2d(3, 4, 3), new BatchNorm2d(4)]);
  expect(summary(net, [3, 8, 8]).memory.parameters).toBe((108 + 4 + 4 * 4 + 1) * bytes);
});
