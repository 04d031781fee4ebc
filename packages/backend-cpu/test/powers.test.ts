// Powers with a constant exponent are computed without logarithms, with the same special cases; maxima keep NaN without the slow instruction.
import { at, compile, fromHost, max, maximum, minimum, pow, type Tensor, useBackend } from "@stria/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

const special = [0, -0, 1, -1, 2, -2, Infinity, -Infinity, NaN, 1e-40, -1e-40, 1e-20, 1e20, -1e20, 3e38, 1e-38, 0.1];
const plain = Array.from({ length: 400 }, (_, k) => Math.sin(k) * 2 ** ((k % 61) - 30));
const values = Float32Array.from([...special, ...plain]);
const previous = { dispose: (): void => {} };

beforeAll(async () => {
  const backend = await useBackend(cpu({ threads: 2 }));
  previous.dispose = () => backend.dispose();
});
afterAll(() => previous.dispose());

async function run(f: (...inputs: Tensor[]) => Tensor, ...inputs: Float32Array[]): Promise<Float32Array> {
  const data = await compile(f)(...inputs.map((input) => fromHost(input, [input.length], "float32"))).data();
  return Float32Array.from(data);
}

const quarters = [0.25, 0.5, 0.75, 1.25, 1.5, 1.75].flatMap((exponent) => [exponent, -exponent]);

test.each([0, 1, 2, 3, 4, -1, -2, -3, -4, ...quarters, 0.625, -2.25])("x to the power %d is C's", async (exponent) => {
  const found = await run((x) => pow(x, exponent), values);
  for (const [index, x] of values.entries()) {
    const want = Math.fround(x ** exponent);
    const got = at(found, index);
    // Two units in the last place, and one subnormal step.
    const near = Object.is(got, want) || got === want || Math.abs(got - want) <= 2.4e-7 * Math.abs(want) + 1.5e-45;
    expect(near, `${x} ** ${exponent} is ${got} instead of ${want}`).toBe(true);
  }
});

test("maxima and minima are NaN where an operand is", async () => {
  const [a, b] = [special.flatMap((x) => special.map(() => x)), special.flatMap(() => special)];
  const [first, second] = [Float32Array.from(a), Float32Array.from(b)];
  const [large, small] = [await run(maximum, first, second), await run(minimum, first, second)];
  first.forEach((x, index) => {
    const y = at(second, index);
    const [highest, lowest] = [at(large, index), at(small, index)];
    expect(highest === Math.max(x, y) || Object.is(highest, Math.max(x, y)), `${x} and ${y}`).toBe(true);
    expect(lowest === Math.min(x, y) || Object.is(lowest, Math.min(x, y)), `${x} and ${y}`).toBe(true);
  });
});

test.each([1, 3, 4, 7, 16, 33])("the largest of %i is NaN wherever the NaN lies", async (length) => {
  for (let place = -1; place < length; place++) {
    const data = Float32Array.from({ length }, (_, k) => (k === place ? NaN : Math.sin(k)));
    const found = await run((x) => max(x, 0), data);
    expect(at(found, 0)).toBe(Math.max(...data));
  }
});
