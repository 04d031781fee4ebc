// compile: errors where a function cannot be traced.
import { beforeEach, describe, expect, it } from "vitest";
import { State, type Tensor, TraceError, compile, grad, tensor, training, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

beforeEach(() => useBackend(reference()));

describe("errors", () => {
  it("a function that returns a Promise, whose own error is nobody's then", async () => {
    expect(() => compile(async (x: Tensor) => x)(tensor(1))).toThrow(/returned a Promise.*synchronous/s);
    const reads = async (x: Tensor): Promise<Tensor> => tensor(await x.item());
    expect(() => compile(reads)(tensor(1))).toThrow(/returned a Promise/);
    expect(() => compile((x: Tensor) => [reads(x)])(tensor(1))).toThrow(/a Promise stands where a tensor is expected/);
    expect(() => training(() => compile(reads)(tensor(1)))).toThrow(/returned a Promise/);
    await new Promise((done) => setTimeout(done, 0)); // an unhandled rejection would fail the run
    const inside = compile((x: Tensor) => {
      const promise = x.data();
      promise.catch(() => {});
      return [promise];
    });
    expect(() => inside(tensor(1))).toThrow(TraceError);
  });

  it("reading a traced value, as a promise or as a number", async () => {
    let reading: Promise<number> = Promise.resolve(0);
    compile((x: Tensor) => {
      reading = x.item();
      return x;
    })(tensor(1));
    await expect(reading).rejects.toThrow(/no value yet/);
    expect(() => compile((x: Tensor) => (Number(x) > 0 ? x : x.neg()))(tensor(1))).toThrow(/as a JavaScript number/);
    expect(() => compile((x: Tensor) => tensor(`<${x as unknown as string}>`.length))(tensor(1))).toThrow(TraceError);
  });

  it("a traced tensor that escapes", () => {
    let escaped = tensor(0);
    compile((x: Tensor) => {
      escaped = x.mul(2);
      return x;
    })(tensor(1));
    expect(() => escaped.add(1)).toThrow(/has no value yet/);
    expect(() => compile((x: Tensor) => x.add(escaped))(tensor(1))).toThrow(/outside the function that was traced/);
  });

  it("a traced tensor that escapes: through a collection, a cell, another function, or to be read", async () => {
    const kept = new Map<string, Tensor>();
    const keep = compile((x: Tensor) => {
      kept.set("hidden", x.exp());
      return x;
    });
    keep(tensor(1));
    const escaped = kept.get("hidden") ?? tensor(0);
    await expect(escaped.data()).rejects.toThrow(/a traced float32\[\] has no value yet.*return the tensor/s);
    await expect(escaped.array()).rejects.toThrow(TraceError);
    expect(() => keep(escaped)).toThrow(/has no value yet/);
    expect(() => new State([], () => new Float32Array(1)).set(escaped)).toThrow(/has no value yet/);
    expect(() => grad((x: Tensor) => x.mul(escaped))(tensor(1))).toThrow(/outside the function that was traced/);
    expect(() => compile(() => escaped)()).toThrow(/outside the function that was traced/);
    expect(await keep(tensor(3)).item()).toBe(3); // and the function still works
  });

  it("JavaScript's control flow on a traced value: comparisons, arithmetic, keys, loops", () => {
    const unsafe = (f: (x: number) => unknown) => () =>
      compile((x: Tensor) => (f(x as unknown as number) === 0 ? x : x.neg()))(tensor([1, 2]));
    for (const f of [
      (x: number) => (x > 1 ? 0 : 1),
      (x: number) => x + 1,
      (x: number) => -x,
      (x: number) => `${x}`,
      (x: number) => ({ 1: 0 })[x],
      (x: number) => Math.max(x, 1),
    ])
      expect(unsafe(f)).toThrow(/a tensor was used as a JavaScript number or string.*use its methods/s);
    expect(unsafe((x) => [...(x as unknown as number[])])).toThrow(TypeError); // not iterable
  });

  it("an error of the function leaves nothing behind", async () => {
    const captured = tensor([1, 2]);
    let faulty = true;
    const f = compile((x: Tensor) => {
      const y = x.add(captured);
      if (faulty) throw new Error("mine");
      return y;
    });
    expect(() => f(tensor([1, 1]))).toThrow("mine");
    faulty = false;
    expect(await f(tensor([1, 1])).data()).toEqual(Float32Array.of(2, 3));
  });

  it("shapes that do not fit are named at the user's line, before anything runs", () => {
    expect(() => compile((x: Tensor) => x.add(tensor([1, 2, 3])))(tensor([1, 2]))).toThrow(
      /add: shapes \[2\] and \[3\] do not broadcast/,
    );
  });
});
