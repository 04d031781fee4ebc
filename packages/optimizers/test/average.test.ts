// Averages of parameters, against PyTorch's AveragedModel, and in a model.
import { Parameter, compile, hostScalar, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type AverageShare,
  type NamedTensors,
  averageIn,
  ema,
  moveAverage,
  scalarsAt,
  sgd,
  swa,
  withAverage,
  withParameters,
} from "../src/index.ts";
import { caseOf, expectClose, firstState, gradients, initial } from "./goldens.ts";

beforeAll(async () => {
  await useBackend(reference());
});

const shares: Readonly<Record<string, AverageShare>> = {
  "average/ema-0.9": ema(0.9),
  "average/ema-0.999": ema(0.999),
  "average/swa": swa(),
};

describe("moveAverage", () => {
  it.each(Object.entries(shares))("%s", async (id, share) => {
    const { steps = [], rtol, atol } = caseOf(id);
    expect(steps.length).toBeGreaterThan(0);
    let average: NamedTensors = initial(); // whatever it is: the first parameters start the average
    for (let step = 0; step < 20; step++) {
      const scalar = scalarsAt({ step, learningRate: 0 });
      average = moveAverage(share, { average, parameters: gradients(step), scalar });
      if (!steps.includes(step + 1)) continue;
      for (const [path, found] of average) await expectClose(found, `${id}/step${step + 1}/${path}`, rtol, atol);
    }
  });

  it("swa follows the parameters until it begins, then takes every k-th", () => {
    const share = swa({ from: 2, every: 3 });
    expect([0, 1, 2, 3, 4, 5, 6, 8, 11].map(share)).toEqual([1, 1, 1, 0, 0, 1 / 2, 0, 1 / 3, 1 / 4]);
  });

  it("refuses what is no share and no number of steps", () => {
    expect(() => ema(1)).toThrow("ema: decay is 1. Remedy: use a number >= 0 and < 1.");
    expect(() => swa({ every: 0 })).toThrow("every is 0");
    expect(() => swa({ from: -1 })).toThrow("from + 1 is 0");
  });
});

describe("withAverage", () => {
  it("keeps the average in the state, and leaves the steps as they were", async () => {
    const optimizer = withAverage(sgd({ learningRate: 1 }), swa());
    let parameters: NamedTensors = new Map([["x", tensor([0, 10])]]);
    let state = firstState(optimizer, parameters);
    const update = compile((p: NamedTensors, s: typeof state, g: NamedTensors) =>
      optimizer.update({ parameters: p, state: s, gradients: g, scalar: hostScalar }),
    );
    for (let step = 0; step < 3; step++)
      ({ parameters, state } = update.runWith(
        { step, learningRate: 1 },
        parameters,
        state,
        new Map([["x", tensor([-1, 2])]]),
      ));
    expect(await parameters.get("x")?.array()).toEqual([3, 4]);
    const average = await averageIn(state).get("x")?.data();
    expect(average?.[0]).toBeCloseTo(2, 6); // of 1, 2, 3
    expect(average?.[1]).toBeCloseTo(6, 5); // of 8, 6, 4
  });

  it("says so when there is no average", () => {
    expect(() => averageIn(new Map())).toThrow('the state has no slot "average"');
  });
});

describe("withParameters", () => {
  const model = { weight: new Parameter([2], () => Float32Array.of(1, 2)) };
  const values = new Map([["weight", tensor([5, 6])]]);

  it("lends other values, and puts the old ones back, also after an error", async () => {
    expect(await withParameters(model, values, () => model.weight.value.array())).toEqual([5, 6]);
    expect(await model.weight.value.array()).toEqual([1, 2]);
    const failing = withParameters(model, values, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(await model.weight.value.array()).toEqual([1, 2]);
  });

  it("refuses a path that the model does not have, before anything changes", async () => {
    const wrong = withParameters(model, new Map([...values, ["bias", tensor([1])]]), () => 0);
    await expect(wrong).rejects.toThrow("the model has no parameter bias");
    const misshaped = withParameters(model, new Map([["weight", tensor([1])]]), () => 0);
    await expect(misshaped).rejects.toThrow("cannot replace");
    expect(await model.weight.value.array()).toEqual([1, 2]);
  });
});
