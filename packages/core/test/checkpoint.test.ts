// checkpoint: the same gradients, of less memory.
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CompiledFunction,
  Parameter,
  State,
  type Tensor,
  bernoulli,
  checkpoint,
  compile,
  customGradient,
  grad,
  requiredOps,
  setSeed,
  sigmoid,
  tanh,
  tensor,
  useBackend,
  valueAndGrad,
} from "../src/index.ts";
import { legalise } from "../src/backends.ts";
import { reference } from "../src/reference/index.ts";
import { uniform } from "./support/numbers.ts";
import { peakBytes } from "./support/peak.ts";

beforeAll(() => useBackend(reference()));

type Unary = (x: Tensor) => Tensor;

const same = <F>(f: F): F => f;

/** `count` times tanh(x w), in blocks of `block`, each of which `wrap` wraps. */
function chain(count: number, block: number, w: Tensor, wrap: (f: Unary) => Unary): Unary {
  const one: Unary = (x) => tanh(x.matmul(w));
  const part: Unary = (x) => Array.from({ length: block }).reduce<Tensor>(one, x);
  return (x) => Array.from({ length: count / block }).reduce<Tensor>((y) => wrap(part)(y), x);
}

const w = uniform([8, 8], 3, -0.6, 0.6);
const x = uniform([64, 8], 1);

describe("checkpoint", () => {
  it("gives the same bits: value, gradient, second gradient", async () => {
    const [plain, saved] = [chain(4, 2, w, same), chain(4, 2, w, checkpoint)];
    expect(await saved(x).data()).toEqual(await plain(x).data());
    const loss =
      (f: Unary): Unary =>
      (a) =>
        f(a).square().sum();
    const [first, firstSaved] = [grad(loss(plain)), grad(loss(saved))];
    expect(await firstSaved(x).data()).toEqual(await first(x).data());
    const [second, secondSaved] = [
      await grad((a: Tensor) => first(a).square().sum())(x).data(),
      await grad((a: Tensor) => firstSaved(a).square().sum())(x).data(),
    ];
    const scale = Math.max(...second.map(Math.abs));
    for (const [index, value] of second.entries())
      expect(Math.abs((secondSaved[index] ?? Number.NaN) - value)).toBeLessThan(1e-5 * scale); // sums in another order
  });

  it("what is live at once grows with the blocks, not with the depth", () => {
    const peak = (wrap: (f: Unary) => Unary): number =>
      peakBytes(compile(grad((a: Tensor) => chain(64, 8, w, wrap)(a).sum())).graph(x));
    const one = 64 * 8 * 4;
    expect(peak(same)).toBeGreaterThan(64 * one);
    expect(peak(checkpoint)).toBeLessThan(24 * one); // 8 borders and a block of 8, with its cotangents
  });

  it("the second time stays the second time also where a backend takes nodes apart", () => {
    const f = checkpoint((b: Tensor) => sigmoid(sigmoid(b)));
    const graph = compile((a: Tensor) => valueAndGrad((b: Tensor) => f(b).square().sum())(a)).graph(x);
    const names: readonly string[] = requiredOps;
    const { graph: legal } = legalise(graph, ({ op }) => names.includes(op.name));
    const count = (name: string): number => legal.nodes.filter(({ op }) => op.name === name).length;
    expect(count("exp") + count("tanh")).toBe(4);
  });

  it("draws the same noise in both passes", async () => {
    const drop: Unary = (a) => tanh(a.mul(bernoulli(a.shape, 0.5)));
    const step = (wrap: (f: Unary) => Unary): CompiledFunction<[Tensor], { value: Tensor; grads: Tensor }> => {
      setSeed(5);
      return compile((a: Tensor) => valueAndGrad((b: Tensor) => wrap(drop)(b).sum())(a));
    };
    const plain = step(same)(x);
    const saved = step(checkpoint)(x);
    expect(await saved.value.item()).toBe(await plain.value.item());
    expect(await saved.grads.data()).toEqual(await plain.grads.data());
  });

  it("in a training step: parameters that it reads get gradients, state is written once", async () => {
    const run = async (wrap: (f: Unary) => Unary): Promise<unknown[]> => {
      const model = {
        weight: new Parameter([8, 8], (shape) => Float32Array.from({ length: 64 }, (_, i) => shape.length / (i + 9))),
        calls: new State([], () => new Float32Array(1)),
      };
      const layer: Unary = (a) => {
        model.calls.set(model.calls.value.add(1));
        return tanh(a.matmul(model.weight));
      };
      const step = compile((a: Tensor) => {
        const { value, grads } = valueAndGrad(model, () =>
          wrap((b) => layer(layer(b)))(a)
            .square()
            .sum(),
        );
        const gradient = grads.get("weight");
        if (gradient) model.weight.set(model.weight.value.sub(gradient.mul(0.01)));
        return value;
      });
      const losses = [await step(x).item(), await step(x).item(), await step(x).item()];
      return [losses, await model.calls.value.item(), await model.weight.value.data()];
    };
    const plain = await run(same);
    expect(plain[1]).toBe(6);
    expect(await run(checkpoint)).toEqual(plain);
  });

  it("takes trees and several results, captured values and constants; nests; holds custom gradients", async () => {
    const outer = uniform([64, 8], 8);
    const doubled = customGradient((a: Tensor) => ({ value: a.mul(a), vjp: (dy: Tensor) => [dy.mul(a).mul(4)] }));
    const body = (wrap: typeof checkpoint): Unary => {
      const inner = wrap((a: Tensor) => tanh(doubled(a)));
      return (a) => {
        const half = a.mul(0.5);
        const f = wrap(({ p, list }: { p: Tensor; list: Tensor[] }, scale: number) => ({
          sum: list.reduce((all, each) => all.add(inner(each)), p).mul(scale),
          same: half,
          index: p.argMax(1),
          unused: p.exp(),
        }));
        const { sum, same: passed, index } = f({ p: a, list: [a, outer, half] }, 3);
        return sum
          .mul(passed)
          .add(index.cast("float32").reshape([64, 1]))
          .sum();
      };
    };
    const plain = await grad(body(same))(x).data();
    expect(await grad(body(checkpoint))(x).data()).toEqual(plain);
    expect(await body(checkpoint)(x).item()).toBe(await body(same)(x).item());
  });

  it("of no elements, and of parameters alone", async () => {
    expect((await grad((a: Tensor) => checkpoint(tanh)(a).sum())(uniform([0, 3], 1)).data()).length).toBe(0);
    const weight = new Parameter([2], () => Float32Array.of(1, 2));
    const { grads } = valueAndGrad({ weight }, () => checkpoint(() => weight.value.square())().sum());
    expect(await grads.get("weight")?.data()).toEqual(Float32Array.of(2, 4));
  });

  it("refuses a Promise", () => {
    expect(() => checkpoint(async (a: Tensor) => a)(tensor(1))).toThrow(/checkpoint: the function returned a Promise/);
  });
});
