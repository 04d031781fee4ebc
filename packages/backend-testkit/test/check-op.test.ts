// The helpers for authors of ops find what is wrong with an op, and nothing in what is right.
import {
  type Op,
  type Tensor,
  type TypedArray,
  at,
  customGradient,
  defineOp,
  exp,
  mul,
  relu,
  stopGradient,
  tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import { CheckError, checkGradient, checkOp } from "../src/index.ts";

beforeAll(() => useBackend(reference()));

const x = tensor([
  [-1.5, 0.25],
  [0.75, 2],
]);

describe("checkGradient", () => {
  it("accepts gradients of ops, of several inputs, beside inputs that have none", async () => {
    await expect(checkGradient((a, b) => mul(exp(a), b), [x, tensor([0.5, -2])])).resolves.toBeUndefined();
    await expect(
      checkGradient((a, k) => mul(a, k.cast("float32")), [x, tensor([3, 4], { dtype: "int32" })]),
    ).resolves.toBeUndefined();
  });

  it.each([
    [
      "a wrong factor",
      (v: Tensor, dy: Tensor) => mul(dy, mul(v, 3)),
      /the gradient by input 0 is .* at element 0, and/,
    ],
    ["a wrong sign", (v: Tensor, dy: Tensor) => mul(dy, mul(v, -2)), /the gradient by input 0 is/],
    ["NaN", (v: Tensor, dy: Tensor) => mul(dy, mul(v, Number.NaN)), /the gradient by input 0 is NaN/],
    // Right everywhere, but without a gradient of its own.
    [
      "a gradient that forgets what it depends on",
      (v: Tensor, dy: Tensor) => mul(dy, stopGradient(mul(v, 2))),
      /the second gradient by input 0 is/,
    ],
  ])("finds %s", async (_, rule, fault) => {
    const square = customGradient((v: Tensor) => ({ value: v.square(), vjp: (dy: Tensor) => [rule(v, dy)] }));
    const checking = checkGradient((v) => square(v), [x]);
    await expect(checking).rejects.toThrow(CheckError);
    await expect(checking).rejects.toThrow(fault);
  });

  it("is of the first order alone where that is asked for", async () => {
    const half = customGradient((v: Tensor) => ({
      value: v.square(),
      vjp: (dy: Tensor) => [mul(dy, stopGradient(mul(v, 2)))],
    }));
    await expect(checkGradient((v) => half(v), [x], { second: false })).resolves.toBeUndefined();
    await expect(checkGradient((v) => relu(v), [x])).resolves.toBeUndefined();
  });
});

describe("checkOp", () => {
  const right: Op = defineOp("cube", {
    infer: (inputs) => at(inputs, 0),
    decompose: (inputs) => mul(at(inputs, 0), at(inputs, 0).square()),
  });
  const oracle = ([v = new Float32Array(0)]: readonly TypedArray[]): Float32Array[] => [
    Float32Array.from(v, (value) => value ** 3),
  ];

  it("accepts an op whose parts agree", async () => {
    await expect(checkOp(right, [x], {}, { reference: oracle })).resolves.toBeUndefined();
  });

  it("finds parts that do not", async () => {
    const shape = defineOp("cube", { ...right, infer: () => ({ shape: [4], dtype: "float32" }) });
    await expect(checkOp(shape, [x], {}, { reference: oracle })).rejects.toThrow(/shape|infer/i);
    await expect(checkOp(right, [x], {}, { reference: ([v]) => (v ? [v.slice()] : []) })).rejects.toThrow(
      /cube: output 0 of the op: element 0 is -3.375 instead of -1.5; output 0 of its decomposition/,
    );
    const sloped = defineOp("cube", { ...right, vjp: ({ dy, inputs }) => [mul(dy, at(inputs, 0))] });
    await expect(checkOp(sloped, [x], {}, { reference: oracle })).rejects.toThrow(
      /checkGradient: the gradient by input 0/,
    );
    await expect(checkOp(sloped, [x], {}, { reference: oracle, differentiable: false })).resolves.toBeUndefined();
  });
});
