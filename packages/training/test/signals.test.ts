// Signals that are given already, or come between two batches.
import { tensor } from "@stria/core";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { describe, expect, it, vi } from "vitest";
import { type LabelledBatch, accuracy, checkpoints, evaluate, fit, predict } from "../src/index.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";
import { fileIn, train } from "./support-keep.ts";

const file = fileIn();

describe("signals", () => {
  it("fit returns at once when it is given already, and in the middle of a validation", async () => {
    const model = smallNet();
    const before = await numbersOf(model);
    expect(await train({ signal: AbortSignal.abort() }, model)).toMatchObject({ epochs: [], steps: 0, stopped: true });
    expect(await numbersOf(model)).toEqual(before);

    const controller = new AbortController();
    function* slow(): Generator<LabelledBatch> {
      yield batchOf(0);
      controller.abort();
      yield batchOf(1);
    }
    const stopped = await train({
      signal: controller.signal,
      validation: { [Symbol.iterator]: slow },
      callbacks: [checkpoints(file("run"))],
    });
    expect(stopped).toMatchObject({ epochs: [], steps: 4, stopped: true });
    // The epoch whose validation was cut short is validated again, and only then counts.
    const whole = await train({ validation: batchesOf(2) });
    const resumed = await train({ validation: batchesOf(2), resume: file("run") });
    expect(resumed.epochs.map(({ validation }) => validation)).toEqual(
      whole.epochs.map(({ validation }) => validation),
    );
  });

  it("evaluate and predict throw its reason, before or between batches; the model goes on working", async () => {
    const model = smallNet();
    const reason = new Error("the user has left");
    const signal = AbortSignal.abort(reason);
    await expect(evaluate(model, batchesOf(2), { accuracy }, { signal })).rejects.toBe(reason);
    await expect(predict(model, batchOf(0).x, { signal })).rejects.toBe(reason);
    const controller = new AbortController();
    let given = 0;
    function* watched(): Generator<LabelledBatch> {
      for (; given < 10; given++) {
        if (given === 3) controller.abort(reason);
        yield batchOf(given);
      }
    }
    const half = evaluate(model, { [Symbol.iterator]: watched }, { accuracy }, { signal: controller.signal });
    await expect(half).rejects.toBe(reason);
    expect(given).toBe(3);
    const open = new AbortController();
    expect((await predict(model, batchOf(0).x, { signal: open.signal })).shape).toEqual([4, 3]);
    await evaluate(model, batchesOf(1), { accuracy }, { signal: open.signal });
  });

  it("leaves no rejection unheard when a step fails while another is under way", async () => {
    const unheard = vi.fn<() => void>();
    process.on("unhandledRejection", unheard);
    const broken = { ...batchOf(1), y: tensor(Int32Array.of(0, 9, 0, 0)) };
    await expect(
      fit(smallNet(), [batchOf(0), broken], { loss: crossEntropy, optimizer: sgd({ learningRate: 1 }), epochs: 1 }),
    ).rejects.toThrow(/label 9/);
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.off("unhandledRejection", unheard);
    expect(unheard).not.toHaveBeenCalled();
  });
});
