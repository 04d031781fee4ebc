// compile: one program a signature, captures by identity, arguments and writebacks.
import { beforeEach, describe, expect, it } from "vitest";
import {
  State,
  type Tensor,
  TraceError,
  compile,
  currentMode,
  evaluating,
  grad,
  hostScalar,
  isTensor,
  isTraining,
  mean,
  sum,
  tensor,
  training,
  useBackend,
  valueAndGrad,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { smallModel } from "./support/model.ts";
import { uniform } from "./support/numbers.ts";

beforeEach(() => useBackend(reference()));

describe("the cache", () => {
  it("traces once a signature: shapes, dtypes, structure and plain values", async () => {
    let traces = 0;
    const f = compile(
      (x: Tensor, options: { readonly scale: number; readonly more?: readonly Tensor[] } = { scale: 2 }) => {
        traces++;
        return (options.more ?? []).reduce((total, each) => total.add(each.sum()), x.sum()).mul(options.scale);
      },
    );
    const x = tensor([1, 2, 3]);
    expect(await f(x).item()).toBe(12);
    expect(await f(tensor([4, 5, 6])).item()).toBe(30);
    expect(traces).toBe(1);
    expect(await f(tensor([1, 2])).item()).toBe(6);
    expect(await f(x, { scale: 3 }).item()).toBe(18);
    expect(await f(x, { scale: 3, more: [x] }).item()).toBe(36);
    expect(await f(x, { scale: 3, more: [x, x] }).item()).toBe(54);
    expect(traces).toBe(5);
    await f(x, { scale: 3, more: [x, x] }).item();
    expect(traces).toBe(5);
  });

  it("notices whatever changes from one call to the next: mode, shape, structure, model, and that all was forgotten", async () => {
    const model = smallModel();
    let traces = 0;
    const captured = tensor([1]);
    const f = compile(
      (x: Tensor | readonly Tensor[]) => {
        traces++;
        return (isTensor(x) ? [x, x] : x).reduce((total, each) => total.add(each.sum()), captured);
      },
      { modules: [model] },
    );
    const x = tensor([1, 2]);
    const calls: (() => Tensor)[] = [
      () => f(x),
      () => evaluating(() => f(x)),
      () => f([x]),
      () => f(tensor([3])),
      () => f(tensor([1, 2], { dtype: "int32" }).cast("float32").reshape([2, 1])),
      () => f([x, x]),
    ];
    const wanted = [7, 7, 4, 7, 7, 7];
    for (let round = 0; round < 2; round++)
      for (const [index, call] of calls.entries()) expect(await call().item()).toBe(wanted[index]);
    expect(traces).toBe(calls.length);
    Object.assign(model, { more: 1 });
    expect(await f(x).item()).toBe(7);
    expect(await f(x).item()).toBe(7);
    expect(traces).toBe(calls.length + 1);
    f.clear();
    expect(await f(x).item()).toBe(7);
    expect(traces).toBe(calls.length + 2);
  });

  it("tells values apart that look alike as text", async () => {
    const f = compile((...list: readonly unknown[]) => tensor(list.length).add(0));
    const lengths = [
      ["a", "b"],
      ['a","b'],
      [1, 2],
      ["1", 2],
      [0],
      [-0],
      [null],
      ["null"],
      [undefined],
      [[]],
      [{}],
      [["a"], "b"],
      [["a", "b"]],
    ];
    let traces = 0;
    const counting = compile((...list: readonly unknown[]) => {
      traces++;
      return f(...list);
    });
    for (const list of lengths) counting(...list);
    expect(traces).toBe(lengths.length);
  });

  it("traces anew in another mode, and for other parts in evaluation mode", () => {
    const layer = {};
    const seen: string[] = [];
    const f = compile((x: Tensor) => {
      seen.push(`${currentMode()} ${isTraining(layer, "layer")}`);
      return x;
    });
    const x = tensor(1);
    f(x);
    training(() => f(x));
    training(() => f(x), { evaluate: new Set([layer]) });
    training(() => f(x), { evaluate: new Set([layer]) });
    evaluating(() => f(x));
    expect(seen).toEqual(["undefined false", "training true", "training false", "evaluation false"]);
  });

  it("traces anew when a model's structure or its trainable set changes", () => {
    const model = smallModel();
    let traces = 0;
    const f = compile(
      (x: Tensor) => {
        traces++;
        const { value } = valueAndGrad(model, (m) => m.dense.weight.value.mul(x).sum());
        return value;
      },
      { modules: [model] },
    );
    const x = tensor(1);
    f(x);
    f(x);
    expect(traces).toBe(1);
    model.conv.bias.trainable = false;
    f(x);
    expect(traces).toBe(2);
  });

  it("moves with its arguments to another backend, and keeps a program for each", async () => {
    let traces = 0;
    const f = compile((x: Tensor) => {
      traces++;
      return x.mul(2);
    });
    const here = tensor(1);
    for (let i = 0; i < 3; i++) expect(await f(here).item()).toBe(2); // from the host first, then from the backend
    expect(traces).toBe(1);
    const other = await useBackend(reference());
    const there = await tensor(3).to(other);
    for (let i = 0; i < 3; i++) {
      expect(await f(there).item()).toBe(6);
      expect(await f(here).item()).toBe(2);
    }
    expect(traces).toBe(2);
  });

  it("keeps at most cacheSize programs, and none after clear()", async () => {
    let traces = 0;
    const f = compile(
      (x: Tensor) => {
        traces++;
        return sum(x);
      },
      { cacheSize: 2 },
    );
    for (const size of [1, 2, 3, 3, 2, 1]) expect(await f(uniform([size], 1).mul(0)).item()).toBe(0);
    expect(traces).toBe(4);
    f.clear();
    expect(await f(tensor([1])).item()).toBe(1);
    expect(traces).toBe(5);
  });

  it("inside another compiled function it is part of it", () => {
    const inner = compile((x: Tensor) => x.exp());
    const outer = compile((x: Tensor) => inner(x).add(inner(x)));
    expect(outer.graph(tensor(1)).nodes.map(({ op }) => op.name)).toEqual(["exp", "add"]);
  });
});

describe("captures", () => {
  it("a tensor is an input, one for each identity; never a constant", async () => {
    const [a, b] = [uniform([3], 1), uniform([3], 1)];
    const f = compile((x: Tensor) => x.add(a).add(a).add(b));
    const graph = f.graph(a);
    expect(graph.inputs.map(({ name, role }) => `${name} ${role}`)).toEqual([
      "argument.0 data",
      "captured.0 data",
      "captured.1 data",
    ]);
    expect(graph.constants).toEqual([]);
    expect(await f(a).data()).toEqual((await a.data()).map((value) => 4 * value));
  });

  it("a cell is read at each run", async () => {
    const state = new State([], () => Float32Array.of(1));
    const f = compile((x: Tensor) => x.mul(state));
    expect(await f(tensor(3)).item()).toBe(3);
    state.set(tensor(5));
    expect(await f(tensor(3)).item()).toBe(15);
    state.load(Float32Array.of(7));
    expect(await f(tensor(3)).item()).toBe(21);
  });

  it("a host scalar is an input that the caller fills: no new trace", async () => {
    let traces = 0;
    const f = compile((x: Tensor) => {
      traces++;
      return x
        .mul(hostScalar("learning rate", ({ learningRate }) => learningRate))
        .add(hostScalar("step", ({ step }) => step));
    });
    expect(await f.runWith({ step: 1, learningRate: 0.5 }, tensor(4)).item()).toBe(3);
    expect(await f.runWith({ step: 2, learningRate: 0.25 }, tensor(4)).item()).toBe(3);
    expect(traces).toBe(1);
    expect(() => hostScalar("step", () => 0)).toThrow(TraceError);
  });

  it("results keep their structure; plain values, arguments and captures among them", async () => {
    const captured = tensor([7]);
    const f = compile((x: Tensor) => ({
      x,
      twice: [x.mul(2)],
      captured,
      name: "me",
      map: new Map([["sum", x.sum()]]),
      none: null,
    }));
    const result = f(tensor([1, 2]));
    expect(await result.x.data()).toEqual(Float32Array.of(1, 2));
    expect(await result.twice[0]?.data()).toEqual(Float32Array.of(2, 4));
    expect(await result.captured.data()).toEqual(Float32Array.of(7));
    expect(await result.map.get("sum")?.item()).toBe(3);
    expect([result.name, result.none]).toEqual(["me", null]);
  });
});

describe("arguments", () => {
  it("are nested objects, arrays and maps of tensors, with plain values between them", async () => {
    interface Batch {
      readonly images: { readonly left: Tensor; readonly right: readonly Tensor[] };
      readonly weights: ReadonlyMap<string, Tensor>;
      readonly scale: number;
      readonly label?: string;
    }
    let traces = 0;
    const f = compile(({ images, weights, scale }: Batch, more: readonly [Tensor, { deep: Tensor }]) => {
      traces++;
      const total = images.right.reduce((all, each) => all.add(each), images.left.mul(scale));
      return { out: [{ sum: total.add(weights.get("w") ?? 0) }, more[1].deep.mul(more[0])] as const };
    });
    const batch = (value: number, scale = 2): Batch => ({
      images: { left: tensor([value]), right: [tensor([10]), tensor([20])] },
      weights: new Map([["w", tensor([100])]]),
      scale,
    });
    const more = [tensor([3]), { deep: tensor([4]) }] as const;
    const first = f(batch(1), more).out;
    expect([await first[0].sum.item(), await first[1].item()]).toEqual([132, 12]);
    expect(await f(batch(5), more).out[0].sum.item()).toBe(140);
    expect(traces).toBe(1);
    expect(await f(batch(5, 3), more).out[0].sum.item()).toBe(145); // another plain value is another program
    expect(traces).toBe(2);
  });
});

describe("writebacks", () => {
  it("a later read in the trace sees the write; the cell changes after the run", async () => {
    const state = new State([], () => Float32Array.of(1));
    const f = compile((x: Tensor) => {
      const before = state.value;
      state.set(before.add(x));
      state.set(state.value.mul(10));
      return [before, state.value] as const;
    });
    expect(f.graph(tensor(2)).writebacks).toHaveLength(1);
    const [before, after] = f(tensor(2));
    expect([await before.item(), await after.item(), await state.value.item()]).toEqual([1, 30, 30]);
    f(tensor(1));
    expect(await state.value.item()).toBe(310);
  });

  it("a write of another shape is refused where it is made", () => {
    const state = new State([2], () => new Float32Array(2));
    expect(() => state.set(tensor(1))).toThrow(/float32\[\] cannot replace a float32\[2\]/);
  });

  it("a gradient carries writes out", async () => {
    const state = new State([], () => Float32Array.of(0));
    const gradient = grad((x: Tensor) => {
      state.set(mean(x));
      return x.square().sum();
    })(tensor([1, 3]));
    expect(await gradient.data()).toEqual(Float32Array.of(2, 6));
    expect(await state.value.item()).toBe(2);
  });
});
