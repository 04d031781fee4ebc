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
  inferGraph,
  mul,
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

describe("inferGraph", () => {
  it("gives the graph, with what is held on the host among its constants, and initialises nothing", () => {
    const weight = new Parameter([2, 3], () => {
      throw new Error("was initialised");
    });
    const held = tensor([1, 2]);
    const graph = inferGraph(
      ([x]) => (x ? [add(matmul(x, weight), 0), mul(x, held)] : []),
      [{ shape: [4, 2], dtype: "float32" }],
    );
    expect(graph.inputs.map(({ role }) => role)).toEqual(["data", "param"]);
    expect(graph.constants.map(({ data }) => [...data])).toContainEqual([1, 2]);
    expect(graph.outputs.map(({ value }) => graph.values[value]?.shape)).toEqual([
      [4, 3],
      [4, 2],
    ]);
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

  it("takes a path that begins with the place that is current as it is", () => {
    const trace = inferGraph(
      ([x]) => (x ? [atSite("block", () => atSite("block.conv", () => x.neg()))] : []),
      [{ shape: [], dtype: "float32" }],
    );
    expect(trace.nodes.map(({ site }) => site)).toEqual(["block.conv"]);
  });

  it("leaves other errors as they are", () => {
    expect(() =>
      atSite("fc", () => {
        throw new Error("plain");
      }),
    ).toThrow(/^plain$/);
  });
});
