// The line search keeps its promise: sufficient decrease, and a slope that is flat enough.
import { assert, asyncProperty, double } from "fast-check";
import { expect, it } from "vitest";
import { type Evaluated, strongWolfe } from "../src/lbfgs/strong-wolfe.ts";

/** A function of one number, on the line from 0 in the direction of 1. */
interface OnLine {
  value(x: number): number;
  slope(x: number): number;
}

const at = ({ value, slope }: OnLine, x: number): Evaluated => ({
  value: value(x),
  gradient: Float64Array.of(slope(x)),
});

async function search(f: OnLine, firstLength: number): Promise<{ length: number; evaluations: number }> {
  let evaluations = 0;
  const found = await strongWolfe({
    from: at(f, 0),
    direction: Float64Array.of(1),
    firstLength,
    evaluate(length) {
      evaluations++;
      return Promise.resolve(at(f, length));
    },
  });
  expect(found.evaluations).toBe(evaluations);
  expect(found.at).toEqual(at(f, found.length));
  return found;
}

/** What is wrong with a step by the strong Wolfe conditions; "" when nothing is. */
function faultOf(f: OnLine, length: number): string {
  if (!(length > 0)) return `the step is ${length}`;
  if (!(f.value(length) <= f.value(0) + 1e-4 * length * f.slope(0))) return `too little decrease at ${length}`;
  return Math.abs(f.slope(length)) <= -0.9 * f.slope(0) ? "" : `too steep at ${length}`;
}

const firstLength = double({ min: 1e-3, max: 1e3, noNaN: true });

it("on parabolas, from steps far too short or far too long", async () => {
  await assert(
    asyncProperty(double({ min: 0.1, max: 100, noNaN: true }), firstLength, async (minimum, first) => {
      const f: OnLine = { value: (x) => (x - minimum) ** 2, slope: (x) => 2 * (x - minimum) };
      const { length, evaluations } = await search(f, first);
      expect(faultOf(f, length)).toBe("");
      expect(evaluations).toBeLessThanOrEqual(12);
    }),
  );
});

it("on waves in a bowl, with many minima", async () => {
  await assert(
    asyncProperty(double({ min: 0, max: 3, noNaN: true }), firstLength, async (height, first) => {
      const f: OnLine = {
        value: (x) => (x - 5) ** 2 / 10 + height * Math.cos(3 * x),
        slope: (x) => (x - 5) / 5 - 3 * height * Math.sin(3 * x),
      };
      expect(faultOf(f, (await search(f, first)).length)).toBe("");
    }),
  );
});

it("on the functions of More and Thuente (1994), from 1e-3 to 1e3", async () => {
  const first: OnLine = { value: (x) => -x / (x ** 2 + 2), slope: (x) => (x ** 2 - 2) / (x ** 2 + 2) ** 2 };
  const second: OnLine = {
    value: (x) => (x + 0.004) ** 5 - 2 * (x + 0.004) ** 4,
    slope: (x) => 5 * (x + 0.004) ** 4 - 8 * (x + 0.004) ** 3,
  };
  for (const f of [first, second])
    for (const length of [1e-3, 1e-1, 10, 1e3]) expect(faultOf(f, (await search(f, length)).length)).toBe("");
});

it("gives up after 25 steps outward where there is no minimum, with the best point", async () => {
  const f: OnLine = { value: (x) => -x, slope: () => -1 };
  const { length, evaluations } = await search(f, 1);
  expect(length).toBeGreaterThan(1);
  expect(evaluations).toBe(26);
});
