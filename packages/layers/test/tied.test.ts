// Parameters that are reached by two paths: one gradient that sums, one value to save and load.
import {
  type HostTensor,
  Parameter,
  type Tensor,
  cellPaths,
  matmul,
  setSeed,
  tensor,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, expect, it } from "vitest";
import { Linear, Module, countParameters, initialisers, loadStateDict, stateDict, summary } from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

/** Encoder and decoder share a matrix: y = (x W') W. */
class Tied extends Module {
  readonly encoder = { weight: new Parameter([2, 3], initialisers.ones) };
  readonly decoder = { weight: this.encoder.weight, bias: new Parameter([3], initialisers.zeros) };
  override forward(x: Tensor): Tensor {
    const code = matmul(x, this.encoder.weight, { transposeB: true });
    return matmul(code, this.decoder.weight).add(this.decoder.bias);
  }
}

function host(shape: readonly number[], ...values: number[]): HostTensor {
  return { shape, dtype: "float32", data: Float32Array.from(values) };
}

it("has one gradient, the sum of both uses", async () => {
  const model = new Tied();
  model.encoder.weight.load(Float32Array.of(1, 2, 3, 4, 5, 6));
  const { grads } = valueAndGrad(model, (m) => m.forward(tensor([[1, -1, 2]])).sum());
  expect([...grads.keys()]).toEqual(["encoder.weight", "decoder.bias"]);
  // x = (1, -1, 2), code = (5, 11): of sum_j code_i W_ij by W it is code_i + (sum of row i) x_j
  expect(await grads.get("encoder.weight")?.array()).toEqual([
    [5 + 6, 5 - 6, 5 + 12],
    [11 + 15, 11 - 15, 11 + 30],
  ]);
});

it("is in the state dict under both keys, and is counted once", () => {
  const model = new Tied();
  expect([...stateDict(model).keys()]).toEqual(["encoder.weight", "decoder.weight", "decoder.bias"]);
  expect([...cellPaths(model).values()][1]).toBe(model.encoder.weight);
  expect([countParameters(model), summary(model, [3]).parameters]).toEqual([9, 9]);
});

it("loads strictly from both keys, or from one, and refuses values that differ", async () => {
  const model = new Tied();
  loadStateDict(model, stateDict(new Tied()));
  const values = host([2, 3], 1, 2, 3, 4, 5, 6);
  const one = new Map([
    ["decoder.weight", values],
    ["decoder.bias", host([3], 0, 0, 0)],
  ]);
  expect(loadStateDict(model, one)).toEqual({ missing: [], unexpected: [] });
  expect(await model.encoder.weight.value.array()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const both = new Map([...one, ["encoder.weight", host([2, 3], 6, 5, 4, 3, 2, 1)]]);
  expect(() => loadStateDict(model, both)).toThrow(
    /shared in the model, with different values: encoder\.weight and decoder\.weight/,
  );
  expect(await model.encoder.weight.value.array()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(() => loadStateDict(model, new Map())).toThrow(/missing: encoder\.weight, decoder\.weight, decoder\.bias/);
});

it("walks a model that leads back to itself", () => {
  class Round extends Module {
    readonly fc = new Linear(1, 1);
    readonly self: Module = this;
    override forward(x: Tensor): Tensor {
      return this.fc.forward(x);
    }
  }
  expect([...stateDict(new Round()).keys()]).toEqual(["fc.weight", "fc.bias"]);
});
