// What is known before anything runs: checks of host data, shapes without numbers, the place of an error.
import { beforeEach, describe, expect, it } from "vitest";
import {
  AttributeError,
  Parameter,
  StriaError,
  type Tensor,
  add,
  atSite,
  checkHostData,
  compile,
  defineOp,
  inferAval,
  matmul,
  tensor,
  useBackend,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

const backend = reference();

beforeEach(async () => {
  await useBackend(backend);
});

const positive = (x: Tensor): Tensor => {
  checkHostData(x, (data) => {
    if (data.some((value) => value < 0)) throw new AttributeError("positive", "a number is below 0", "use others");
  });
  return add(x, 1);
};

describe("checkHostData", () => {
  it("looks at an argument of a compiled function before each run, and nothing runs where it throws", async () => {
    const f = compile(positive);
    expect(await f(tensor([1, 2])).array()).toEqual([2, 3]);
    const before = backend.memory();
    expect(() => f(tensor([1, -2]))).toThrow(/positive: a number is below 0/);
    expect(backend.memory()).toEqual(before);
    expect(await f(tensor([3, 4])).array()).toEqual([4, 5]);
  });

  it("looks at a concrete tensor at once, and not at what is on a device", async () => {
    expect(() => positive(tensor([-1]))).toThrow(/below 0/);
    expect(await positive(tensor([1]).sub(5)).array()).toEqual([-3]);
  });
});

describe("inferAval", () => {
  it("tells the shape and touches neither the backend nor the names of cells", () => {
    const weight = new Parameter([5, 3], () => {
      throw new Error("was initialised");
    });
    const found = inferAval((x) => matmul(x, weight, { transposeB: true }), { shape: [2, 3], dtype: "float32" });
    expect(found).toEqual({ shape: [2, 5], dtype: "float32" });
    weight.name("fc.weight");
    expect(weight.path).toBe("fc.weight");
    expect(() => inferAval((x) => matmul(x, weight), { shape: [2, 3], dtype: "float32" })).toThrow(
      /inner lengths differ/,
    );
  });
});

describe("atSite", () => {
  const failing = defineOp("failing", {
    infer: () => {
      throw new AttributeError("failing", "it always fails", "do not use it");
    },
  });

  it("puts the path before the message of an error, once, also outside of a trace", () => {
    const nested = (): unknown => atSite("layer1", () => atSite("conv", () => failing.infer([], {})));
    let caught: unknown;
    try {
      compile(nested)();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(StriaError);
    expect(String(caught)).toBe("AttributeError: layer1.conv: failing: it always fails. Remedy: do not use it.");
    expect(caught).toMatchObject({ place: "layer1.conv", subject: "failing" });
    expect(() => atSite("fc", () => failing.infer([], {}))).toThrow(/^fc: failing: /);
  });

  it("leaves other errors as they are", () => {
    expect(() =>
      atSite("fc", () => {
        throw new Error("plain");
      }),
    ).toThrow(/^plain$/);
  });
});
