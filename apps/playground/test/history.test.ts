import { expect, test } from "vitest";
import { History } from "../src/curves/history.ts";

test("short runs are kept step by step", () => {
  const history = new History(8);
  for (const step of [1, 2, 3]) history.add({ step, loss: 1 / step, accuracy: step / 4 });
  history.addTest({ step: 3, loss: 0.5, accuracy: 0.75 });
  expect(history.columns()).toEqual({
    step: [1, 2, 3],
    loss: [1, 1 / 2, 1 / 3],
    accuracy: [0.25, 0.5, 0.75],
    testLoss: [null, null, 0.5],
    testAccuracy: [null, null, 0.75],
  });
});

test("long runs stay within the capacity, and their points are means over as many steps", () => {
  const history = new History(4);
  for (let step = 1; step <= 16; step++) {
    history.add({ step, loss: step, accuracy: 0 });
    if (step === 6) history.addTest({ step, loss: 9, accuracy: 0.9 });
  }
  const { step, loss, testLoss } = history.columns();
  expect(step).toEqual([4, 8, 12, 16]);
  expect(loss).toEqual([2.5, 6.5, 10.5, 14.5]);
  expect(testLoss).toEqual([null, 9, null, null]);
});

test("a test before the first step is left out", () => {
  const history = new History();
  history.addTest({ step: 0, loss: 2.3, accuracy: 0.1 });
  expect(history.columns().step).toEqual([]);
});
