// Parameters and state: where their first values come from, what a walk finds, when a trace is no longer good.
import { beforeAll, describe, expect, it } from "vitest";
import {
  Parameter,
  ShapeError,
  State,
  bernoulli,
  compile,
  fingerprint,
  isCell,
  namedCells,
  setSeed,
  tensor,
  useBackend,
  type Tensor,
} from "../src/index.ts";
import { fillUniform } from "../src/random/index.ts";
import { reference } from "../src/reference/index.ts";
import type { Initialiser } from "../src/cells/cell.ts";

beforeAll(() => useBackend(reference()));

const random: Initialiser = (shape, key) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillUniform(key, 0, data);
  return data;
};
const make = (): { a: { weight: Parameter }; b: Parameter[]; count: State; size: number } => ({
  a: { weight: new Parameter([2], random) },
  b: [new Parameter([3], random), new Parameter([2], random)],
  count: new State([], () => new Float32Array(1)),
  size: 3,
});

describe("the first value", () => {
  it("of a model that nothing has walked is the same after each setSeed, and its path's where a compiled function names it", async () => {
    const run = async (modules: (model: object) => object[]): Promise<number[]> => {
      setSeed(1);
      const model = make();
      const f = compile((x: Tensor) => x.add(model.b[1]?.value ?? 0), { modules: modules(model) });
      return [...(await f(tensor([0, 0])).data())];
    };
    setSeed(1);
    const walked = make();
    namedCells(walked);
    const byPath = [...((await walked.b[1]?.value.data()) ?? [])];
    expect(await run((model) => [model])).toStrictEqual(byPath);
    expect(await run((model) => [model])).toStrictEqual(byPath);
    const byCount = await run(() => []);
    expect(await run(() => [])).toStrictEqual(byCount);
    expect(byCount).not.toStrictEqual(byPath);
    const [one, two] = [make(), make()]; // of the same shape, and read before any walk
    expect(await one.a.weight.value.data()).not.toStrictEqual(await two.a.weight.value.data());
  });

  it("is a function of the seed and the path, whatever the order of use", async () => {
    setSeed(7);
    const [one, two] = [make(), make()];
    for (const model of [one, two]) namedCells(model);
    const first = [await one.a.weight.value.data(), await one.b[1]?.value.data()];
    const second = [await two.b[1]?.value.data(), await two.a.weight.value.data()].toReversed();
    expect(first).toEqual(second);
    expect(first[0]).not.toEqual(first[1]);
    setSeed(8);
    const other = make();
    namedCells(other);
    expect(await other.a.weight.value.data()).not.toEqual(first[0]);
    setSeed(0);
  });

  it("is made when it is used first, not before", () => {
    let made = 0;
    const parameter = new Parameter([1], () => {
      made++;
      return new Float32Array(1);
    });
    namedCells({ parameter });
    compile(() => tensor(1)).graph();
    expect(made).toBe(0);
    parameter.value.dispose();
    parameter.value.dispose();
    expect(made).toBe(1);
  });
});

describe("the walk", () => {
  it("finds cells by path, in the order of the fields; a shared one once; circles do not matter", () => {
    const model = make();
    const shared = { model, again: model.b[0], self: null as unknown };
    shared.self = shared;
    expect([...namedCells(shared).keys()]).toEqual(["model.a.weight", "model.b.0", "model.b.1", "model.count"]);
    expect([...namedCells(shared).values()].every(isCell)).toBe(true);
  });

  it("does not look into what is no module: instances of other classes", () => {
    class Other {
      readonly hidden = new Parameter([1], random);
    }
    expect([...namedCells({ other: new Other() }).keys()]).toEqual([]);
  });

  it("a fingerprint that is asked for again notices every changed field, also of objects inside", () => {
    const inner = { rate: 0.5, sizes: [1, 2], note: undefined as string | undefined };
    const model = { inner, weight: new Parameter([2], () => new Float32Array(2)), f: () => 1 };
    const texts = new Set([fingerprint(model)]);
    const changes: (() => unknown)[] = [
      () => (inner.rate = 0.25),
      () => (inner.sizes[1] = 3),
      () => inner.sizes.push(4),
      () => (inner.note = "x"),
      () => Object.assign(inner, { added: 1 }),
      () => Reflect.deleteProperty(inner, "added") && (inner.rate = -0),
      () => (inner.rate = Number.NaN),
      () => (model.weight.trainable = false),
      () => (model.weight = new Parameter([3], () => new Float32Array(3))),
      () => (model.inner = { ...inner, rate: 7 }),
    ];
    for (const change of changes) {
      change();
      texts.add(fingerprint(model));
      expect(fingerprint(model)).toBe(fingerprint(model));
    }
    expect(texts.size).toBe(changes.length + 1);
    model.f = () => 2; // a function says nothing
    expect(texts.has(fingerprint(model))).toBe(true);
  });

  it("a fingerprint changes with structure, plain fields and what is trainable, not with values", async () => {
    const model = make();
    const before = fingerprint(model);
    model.a.weight.load(Float32Array.of(1, 2));
    expect(fingerprint(model)).toBe(before);
    model.a.weight.trainable = false;
    expect(fingerprint(model)).not.toBe(before);
    model.a.weight.trainable = true;
    expect(fingerprint(model)).toBe(before);
    model.size = 4;
    expect(fingerprint(model)).not.toBe(before);
    model.size = 3;
    model.b.push(new Parameter([1], random));
    expect(fingerprint(model)).not.toBe(before);
  });
});

describe("setting a value", () => {
  it("shares the tensor's memory without giving it up", async () => {
    const state = new State([2], () => new Float32Array(2));
    const value = tensor([1, 2]);
    state.set(value);
    value.dispose();
    expect(await state.value.data()).toEqual(Float32Array.of(1, 2));
  });

  it("refuses another shape, naming the cell", () => {
    const model = make();
    namedCells(model);
    expect(() => model.a.weight.set(tensor([1]))).toThrow(ShapeError);
    expect(() => model.a.weight.set(tensor([1]))).toThrow(/^a\.weight: a float32\[1\] cannot replace a float32\[2\]/);
  });

  it("loading copies", async () => {
    const state = new State([1], () => new Float32Array(1));
    const data = Float32Array.of(5);
    state.load(data);
    data[0] = 6;
    expect(await state.value.item()).toBe(5);
  });
});

describe("noise", () => {
  it("is an input that is drawn anew at each run, the same for the same seed and step", async () => {
    const f = compile((x: Tensor) => [x.mul(bernoulli([64], 0.5)), bernoulli([64], 0.5)] as const);
    const graph = f.graph(tensor(1));
    expect(graph.inputs.filter(({ role }) => role === "noise").map(({ noise }) => noise?.stream)).toEqual([
      "bernoulli/0",
      "bernoulli/1",
    ]);
    const draw = async (step: number): Promise<number[][]> =>
      Promise.all(f.runWith({ step, learningRate: 0 }, tensor(1)).map(async (y) => Array.from(await y.data())));
    const [first, again, next] = [await draw(3), await draw(3), await draw(4)];
    expect(first).toEqual(again);
    expect(first[0]).not.toEqual(first[1]);
    expect(first[0]).not.toEqual(next[0]);
    expect(new Set(first.flat())).toEqual(new Set([0, 1]));
    setSeed(5);
    expect(await draw(3)).not.toEqual(first);
    setSeed(0);
    expect(await draw(3)).toEqual(first);
  });
});
