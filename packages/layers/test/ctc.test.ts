// Connectionist temporal classification against the list of all paths, one by one; tests/golden/ops-loss.json has PyTorch's figures.
import {
  type Tensor,
  at,
  compile,
  evaluating,
  grad,
  logSoftmax,
  tensor,
  uniform,
  useBackend,
  zeros,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGradient, expectSecondGradient } from "../../core/test/support/differences.ts";
import { uniform as numbers } from "../../core/test/support/numbers.ts";
import { ctcLoss } from "../src/index.ts";

beforeAll(() => useBackend(reference()));

interface Problem {
  readonly steps: number;
  readonly classes: number;
  readonly blank: number;
  readonly target: readonly number[];
}

/** What a path says: repetitions once, and no blanks. */
function collapsed(path: readonly number[], blank: number): number[] {
  return path.filter((label, step) => label !== blank && label !== path[step - 1]);
}

/** -log of the sum over all paths that say the target. */
function byPaths(logs: ArrayLike<number>, { steps, classes, blank, target }: Problem): number {
  let total = 0;
  for (let number = 0; number < classes ** steps; number++) {
    const path = Array.from({ length: steps }, (_, step) => Math.floor(number / classes ** step) % classes);
    if (collapsed(path, blank).join() !== target.join()) continue;
    total += Math.exp(path.reduce((sum, label, step) => sum + at(logs, step * classes + label), 0));
  }
  return -Math.log(total);
}

const labels = (...rows: number[][]): Tensor =>
  tensor(Int32Array.from(rows.flat()), { shape: [rows.length, at(rows, 0).length] });

const problems: fc.Arbitrary<Problem> = fc
  .record({ steps: fc.integer({ min: 0, max: 5 }), classes: fc.integer({ min: 2, max: 4 }), seed: fc.nat(100) })
  .chain(({ steps, classes, seed }) => {
    const blank = seed % classes;
    const label = fc.nat(classes - 2).map((number) => (number < blank ? number : number + 1));
    return fc.record({
      steps: fc.constant(steps),
      classes: fc.constant(classes),
      blank: fc.constant(blank),
      target: fc.array(label, { maxLength: 4 }),
    });
  });

describe("ctcLoss is the sum over all paths", () => {
  it("for any target; what no path says costs infinity", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.nat(1000), async (problem, seed) => {
        const { steps, classes, target, blank } = problem;
        const logs = logSoftmax(numbers([steps, classes], seed, -2, 2), 1);
        const loss = ctcLoss(logs, tensor(Int32Array.from(target)), [steps], [target.length], {
          blank,
          reduction: "none",
        });
        expect(await loss.item()).toBeCloseTo(byPaths(await logs.data(), problem), 4); // infinity is close to itself
      }),
      { numRuns: 200 },
    );
  });

  it("steps after the input's end, and labels after the target's, do not count", async () => {
    const logs = logSoftmax(numbers([4, 1, 3], 1), 2);
    const short = ctcLoss(logs.reshape([4, 3]), labels([1, 2]), [3], [1]);
    const other = [...(await logs.data()).slice(0, 9), -1, -1, -1];
    const changed = tensor(Float32Array.from(other), { shape: [4, 1, 3] });
    expect(await ctcLoss(changed, labels([1, 0]), [3], [1]).item()).toBe(await short.item());
    expect(await short.item()).toBeCloseTo(
      byPaths(other.slice(0, 9), { steps: 3, classes: 3, blank: 0, target: [1] }),
      4,
    );
  });

  it("labels may stand one after the other; lengths in lists or tensors", async () => {
    const logs = logSoftmax(numbers([5, 3, 4], 2), 2);
    const rows = ctcLoss(logs, labels([1, 2], [3, 0], [2, 2]), [5, 4, 5], [2, 1, 2], { reduction: "none" });
    const lengths = tensor(Int32Array.of(2, 1, 2));
    const joined = ctcLoss(logs, tensor(Int32Array.of(1, 2, 3, 2, 2)), tensor(Uint8Array.of(5, 4, 5)), lengths, {
      reduction: "none",
    });
    expect(await joined.data()).toEqual(await rows.data());
  });

  it("the mean divides each loss by the length of its target first", async () => {
    const logs = logSoftmax(numbers([5, 2, 3], 3), 2);
    const given = [logs, labels([1, 2], [2, 0]), [5, 5], [2, 0]] as const;
    const [first = 0, second = 0] = await ctcLoss(...given, { reduction: "none" }).data();
    expect(await ctcLoss(...given).item()).toBeCloseTo((first / 2 + second) / 2, 5);
    expect(await ctcLoss(...given, { reduction: "sum" }).item()).toBeCloseTo(first + second, 5);
  });
});

describe("gradients", () => {
  const targets = labels([1, 1], [2, 1]);
  const loss = (x: Tensor): Tensor =>
    ctcLoss(logSoftmax(x, 2), targets, [4, 3], [2, 1], { blank: 0, reduction: "none" });

  it("agree with differences, to the second order", async () => {
    expect((await loss(numbers([4, 2, 3], 4)).data()).every(Number.isFinite)).toBe(true);
    await expectGradient(loss, [numbers([4, 2, 3], 4)]);
    await expectSecondGradient(loss, [numbers([4, 2, 3], 5)]);
  });

  it("are 0 for steps after the end, and for targets that are too long", async () => {
    const fit = (x: Tensor): Tensor =>
      ctcLoss(logSoftmax(x, 2), labels([1, 1, 1], [2, 0, 0]), [4, 3], [3, 1], { zeroInfinity: true, reduction: "sum" });
    const g = await grad(fit)(numbers([4, 2, 3], 6)).data();
    const sizes = Array.from({ length: 8 }, (_, row) => g.slice(3 * row, 3 * row + 3).some((value) => value !== 0));
    expect(sizes).toEqual([false, true, false, true, false, true, false, false]);
    expect(await fit(numbers([4, 2, 3], 6)).item()).toBeLessThan(Infinity);
  });

  it("are finite where probabilities are 0, or where the loss is infinite", async () => {
    const logs = tensor([[[0, -Infinity, -Infinity]], [[-Infinity, 0, -Infinity]], [[-2, -1, -Infinity]]]); // prettier-ignore
    const of =
      (row: number[]): ((x: Tensor) => Tensor) =>
      (x) =>
        ctcLoss(x, labels(row), [3], [1]);
    expect(await of([1])(logs).item()).toBeCloseTo(-Math.log(Math.exp(-2) + Math.exp(-1)), 5);
    expect(await of([2])(logs).item()).toBe(Infinity);
    for (const row of [[1], [2]]) expect((await grad(of(row))(logs).data()).every(Number.isFinite)).toBe(true);
  });

  it("a hundred steps of logits far apart neither overflow nor vanish", async () => {
    const logits = uniform([100, 2, 5], -80, 80);
    const f = (x: Tensor): Tensor => ctcLoss(logSoftmax(x, 2), labels([1, 2, 3], [4, 4, 1]), [100, 90], [3, 3]);
    expect(await f(logits).item()).toBeGreaterThan(100);
    const g = await evaluating(() => grad(f)(logits)).data();
    expect(g.every(Number.isFinite) && g.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });
});

describe("bad input", () => {
  const logs = uniform([4, 2, 3], -2, -1);
  const two = labels([1, 2], [2, 1]);
  it.each<[string, () => unknown, RegExp]>([
    ["a label that is no class", () => ctcLoss(logs, labels([1, 2], [2, 3]), [4, 4], [2, 2]), /^ctcLoss: label 3 at place 1 of example 1 is not one of 3 classes/], // prettier-ignore
    ["a blank among the labels", () => ctcLoss(logs, labels([1, 0], [2, 1]), [4, 4], [2, 2]), /label 0 at place 1 of example 0 is the blank/], // prettier-ignore
    ["the same, one after the other", () => ctcLoss(logs, tensor(Int32Array.of(1, 2, 0)), [4, 4], [1, 2]), /label 0 at place 1 of example 1 is the blank/], // prettier-ignore
    ["lengths that are too many for the labels", () => ctcLoss(logs, tensor(Int32Array.of(1, 2, 1)), [4, 4], [2, 2]), /targetLengths add up to 4, there are 3 labels/], // prettier-ignore
    ["too long an input", () => ctcLoss(logs, two, [4, 5], [2, 2]), /inputLengths of example 1 is 5.*0 to 4/],
    ["a negative length", () => ctcLoss(logs, two, [4, 4], [2, -1]), /targetLengths of example 1 is -1.*0 to 2/],
    ["too long a target", () => ctcLoss(logs, two, [4, 4], tensor(Int32Array.of(3, 2))), /targetLengths of example 0 is 3/], // prettier-ignore
    ["lengths of another batch", () => ctcLoss(logs, two, [4], [2, 2]), /inputLengths has 1 entries for a batch of 2/],
    ["labels of another batch", () => ctcLoss(logs, labels([1]), [4, 4], [1, 1]), /targets are \[1, 1\] for a batch of 2/], // prettier-ignore
    ["labels that are no whole numbers", () => ctcLoss(logs, uniform([2, 2]), [4, 4], [2, 2]), /ctcLoss: targets are float32/], // prettier-ignore
    ["lengths that are no whole numbers", () => ctcLoss(logs, two, uniform([2], 0, 4), [2, 2]), /inputLengths are float32/], // prettier-ignore
    ["half a step", () => ctcLoss(logs, two, [4, 3.5], [2, 2]), /inputLengths of example 1 is 3.5/],
    ["a blank that is no class", () => ctcLoss(logs, two, [4, 4], [2, 2], { blank: 3 }), /blank 3 is not one of 3/],
    ["probabilities without classes", () => ctcLoss(uniform([4]), two, [4, 4], [2, 2]), /the log probabilities are \[4\]/], // prettier-ignore
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  it("is refused before each run of a compiled function, and gives NaN where it is on a device", async () => {
    const f = compile((x: Tensor, y: Tensor, n: Tensor) => ctcLoss(x, y, [4, 4], n, { reduction: "none" }));
    const lengths = tensor(Int32Array.of(2, 1));
    expect((await f(logs, two, lengths).data()).every(Number.isFinite)).toBe(true);
    expect(() => f(logs, labels([1, 7], [1, 1]), lengths)).toThrow(/label 7 at index 1 is not one of 3 classes/);
    expect(() => f(logs, two, tensor(Int32Array.of(2, 9)))).toThrow(/targetLengths of example 1 is 9/);
    const onDevice = two.add(zeros([2, 2], "int32")).mul(2); // [2, 4], [4, 2]
    expect([...(await f(logs, onDevice, lengths).data())]).toEqual([Number.NaN, Number.NaN]);
  });
});
