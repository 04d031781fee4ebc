// customGradient: the author's rule instead of what follows from the ops.
import { beforeAll, describe, expect, it } from "vitest";
import {
  DTypeError,
  Parameter,
  ShapeError,
  type Tensor,
  TraceError,
  compile,
  customGradient,
  exp,
  grad,
  log1p,
  round,
  stopGradient,
  tensor,
  useBackend,
  valueAndGrad,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

beforeAll(() => useBackend(reference()));

/** log(1 + exp(x)) with the gradient that does not overflow (the example of JAX's documentation). */
const softplus = customGradient((x: Tensor) => {
  const e = exp(x);
  return { value: log1p(e), vjp: (dy: Tensor) => [dy.mul(tensor(1).sub(tensor(1).div(e.add(1))))] };
});

describe("customGradient", () => {
  it("takes the place of the ops' own gradient, to any order", async () => {
    const f = (x: Tensor): Tensor => softplus(x).sum();
    const sigmoid = 1 / (1 + Math.exp(-1));
    expect(await softplus(tensor(1)).item()).toBeCloseTo(Math.log1p(Math.E), 6);
    expect(await grad(f)(tensor(1)).item()).toBeCloseTo(sigmoid, 6);
    expect(await grad(f)(tensor(100)).item()).toBe(1); // by the ops it would be infinity / infinity
    const second = grad((x: Tensor) => grad(f)(x));
    expect(await second(tensor(1)).item()).toBeCloseTo(sigmoid * (1 - sigmoid), 6);
    expect(await grad((x: Tensor) => second(x))(tensor(1)).item()).toBeCloseTo(
      sigmoid * (1 - sigmoid) * (1 - 2 * sigmoid),
      5,
    );
  });

  it("the rule is differentiated, not what it stands for", async () => {
    const odd = customGradient((x: Tensor) => ({ value: round(x), vjp: (dy: Tensor) => [dy.mul(x).mul(x)] }));
    const first = grad((x: Tensor) => odd(x));
    expect(await first(tensor(3)).item()).toBe(9);
    expect(await grad((x: Tensor) => first(x))(tensor(3)).item()).toBe(6);
  });

  it("takes trees; null is no gradient; parts of the value that nothing uses have zeros", async () => {
    const f = customGradient(({ a, b }: { a: Tensor; b: Tensor }, n: number, c: Tensor) => ({
      value: [a.mul(n), b.add(c)],
      vjp: ([da, db]: Tensor[]) => [{ a: da?.mul(100), b: db?.add(1) }, null, null],
    }));
    const loss = compile(grad(({ a, b, c }: { a: Tensor; b: Tensor; c: Tensor }) => (f({ a, b }, 2, c)[0] ?? a).sum()));
    const { a, b, c } = loss({ a: tensor([1, 2]), b: tensor([3]), c: tensor([4]) });
    expect([await a.data(), await b.data(), await c.data()]).toEqual([
      Float32Array.of(100, 100),
      Float32Array.of(1),
      Float32Array.of(0),
    ]);
  });

  it("refuses a gradient that its rule cannot give", async () => {
    const weight = new Parameter([], () => Float32Array.of(2));
    const f = customGradient((x: Tensor) => ({ value: x.mul(weight), vjp: (dy: Tensor) => [dy.mul(weight)] }));
    const stopped = customGradient((x: Tensor) => ({
      value: x.mul(stopGradient(weight)),
      vjp: (dy: Tensor) => [dy.mul(weight)],
    }));
    const passed = customGradient((x: Tensor, w: Tensor) => ({
      value: x.mul(w),
      vjp: (dy: Tensor) => [dy.mul(w), dy.mul(x)],
    }));
    expect(() => valueAndGrad({ weight }, () => f(tensor(3)))).toThrow(
      /customGradient: the function uses a tensor or parameter from outside.*pass it as an argument/,
    );
    expect(await grad((x: Tensor) => f(x))(tensor(3)).item()).toBe(2);
    const read = async (g: (x: Tensor) => Tensor): Promise<number | undefined> =>
      valueAndGrad({ weight }, () => g(tensor(3)))
        .grads.get("weight")
        ?.item();
    expect([await read(stopped), await read((x) => passed(x, weight.value))]).toEqual([0, 3]);
  });

  it.each<[string, (dy: Tensor) => unknown, RegExp, new (...args: never[]) => Error]>([
    ["no array", (dy) => dy, /vjp returned no array for 2 arguments.*one entry for each argument/, ShapeError],
    ["too few", (dy) => [dy], /vjp returned 1 cotangents for 2 arguments/, ShapeError],
    ["too many", (dy) => [dy, dy, dy], /vjp returned 3 cotangents for 2 arguments/, ShapeError],
    ["parts missing", (dy) => [dy, []], /0 tensors as the cotangent of argument 1, which has 1/, ShapeError],
    [
      "another shape",
      (dy) => [dy, dy.sum()],
      /float32\[\] as the cotangent of argument 1, which is float32\[2\]/,
      ShapeError,
    ],
    [
      "another dtype",
      (dy) => [dy.cast("int32"), dy],
      /int32\[2\] as the cotangent of argument 0, .*float32/,
      DTypeError,
    ],
  ])("a rule that returns %s", (_, vjp, message, kind) => {
    const f = customGradient((a: Tensor, b: Tensor) => ({
      value: a.add(b),
      vjp: (dy: Tensor) => vjp(dy) as readonly unknown[],
    }));
    const call = (): unknown => grad((a: Tensor) => f(a, a).sum())(tensor([1, 2]));
    expect(call).toThrow(message);
    expect(call).toThrow(kind);
  });

  it("a function that returns something else", () => {
    expect(() => customGradient(((x: Tensor) => x) as never)(tensor(1))).toThrow(
      /the function did not return \{ value, vjp \}/,
    );
    expect(() => customGradient((async () => {}) as never)()).toThrow(TraceError);
  });
});
