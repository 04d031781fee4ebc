// grad, valueAndGrad, vjp: of what, to what order, and what they refuse.
import { beforeAll, describe, expect, it } from "vitest";
import {
  DTypeError,
  Parameter,
  State,
  type Tensor,
  cast,
  compile,
  conv,
  defineOp,
  applyOne,
  evaluating,
  exp,
  grad,
  isTraining,
  logSoftmax,
  matmul,
  mul,
  sin,
  stopGradient,
  tensor,
  training,
  useBackend,
  valueAndGrad,
  vjp,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { lossOf, batch, smallModel } from "./support/model.ts";

beforeAll(() => useBackend(reference()));

const cubed = (x: Tensor): Tensor => x.mul(x).mul(x).sum();

describe("a gradient by whole numbers or bools", () => {
  const whole = tensor([1, 2], { dtype: "int32" });
  it.each<[string, () => unknown, RegExp]>([
    ["grad", () => grad((x: Tensor) => x.cast("float32").sum())(whole), /grad: the first argument is int32, and/],
    [
      "valueAndGrad of a tree",
      () =>
        valueAndGrad(({ x }: { x: Tensor; list: Tensor[]; map: ReadonlyMap<string, Tensor> }) => x.sum())({
          x: tensor([1]),
          list: [tensor([1]), tensor([true])],
          map: new Map(),
        }),
      /valueAndGrad: the first argument\.list\[1\] is bool/,
    ],
    [
      "by a parameter",
      () => valueAndGrad({ w: new Parameter([], () => new Int32Array(1), "int32") }, () => tensor(1)),
      /valueAndGrad: the trainable parameter w is int32/,
    ],
    ["vjp", () => vjp((x) => x, whole, tensor([1, 1])), /vjp: x is int32/],
    [
      "vjp of whole numbers",
      () => vjp((x) => x.cast("int32"), tensor([1]), tensor([1])),
      /vjp: the function's value is int32/,
    ],
    [
      "vjp with a cotangent of whole numbers",
      () => vjp((x) => x, tensor([1, 2]), whole),
      /vjp: the cotangent is int32/,
    ],
  ])("%s: is refused by name", (_, f, message) => {
    expect(f).toThrow(message);
    expect(f).toThrow(DTypeError);
  });
});

describe("grad", () => {
  it("to any order", async () => {
    const f = (x: Tensor): Tensor => x.pow(4).sum();
    const x = tensor([2]);
    const first = grad(f);
    const second = grad((z: Tensor) => first(z).sum());
    const third = grad((z: Tensor) => second(z).sum());
    const fourth = grad((z: Tensor) => third(z).sum());
    expect([await first(x).item(), await second(x).item(), await third(x).item(), await fourth(x).item()]).toEqual([
      32, 48, 48, 24,
    ]);
  });

  it("does not confuse what is inside with what is outside (perturbation confusion)", async () => {
    const inner = grad((x: Tensor) => grad((z: Tensor) => z.mul(x).sum())(x).sum());
    expect(await inner(tensor([3, 5])).data()).toEqual(Float32Array.of(1, 1));
    const classic = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(tensor(1))));
    expect(await classic(tensor(1)).item()).toBe(1);
  });

  it("a captured tensor is constant, also when it is the argument's own", async () => {
    const x = tensor([2, 3]);
    expect(await grad((z: Tensor) => z.mul(x).sum())(x).data()).toEqual(Float32Array.of(2, 3));
  });

  it("of trees: arrays, objects, maps; further arguments are constants", async () => {
    const f = ({ a, list }: { readonly a: Tensor; readonly list: readonly Tensor[] }, scale: Tensor): Tensor =>
      list.reduce((sum, each) => sum.add(each.mul(a).sum()), mul(a, a).sum()).mul(scale);
    const { a, list } = grad(f)({ a: tensor(2), list: [tensor([1, 2]), tensor([3])] }, tensor(10));
    expect(await a.item()).toBe(100);
    expect(await list[0]?.data()).toEqual(Float32Array.of(20, 20));
    const byName = grad((map: ReadonlyMap<string, Tensor>) => (map.get("x") ?? tensor(0)).square())(
      new Map([["x", tensor(3)]]),
    );
    expect(await byName.get("x")?.item()).toBe(6);
  });

  it("by a parameter: its gradient, not the parameter", async () => {
    const parameter = new Parameter([2], () => Float32Array.of(2, 3));
    const byCell = grad((p: Tensor) => mul(p, p).sum()) as (p: Tensor | Parameter) => Tensor; // what plain JavaScript may do
    expect(await byCell(parameter).data()).toEqual(Float32Array.of(4, 6));
  });

  it("zeros where nothing depends on the argument", async () => {
    expect(await grad((x: Tensor) => tensor(x.size).add(1))(tensor([1, 2])).data()).toEqual(new Float32Array(2));
    expect(await grad((x: Tensor) => cast(cast(x, "int32"), "float32").sum())(tensor([1.5])).data()).toEqual(
      new Float32Array(1),
    );
    expect(await grad((x: Tensor) => stopGradient(x).mul(x).sum())(tensor([2, 3])).data()).toEqual(
      Float32Array.of(2, 3),
    );
  });

  it("inside compile it is one program", async () => {
    const f = compile((x: Tensor) => [grad(cubed)(x), grad((z: Tensor) => grad(cubed)(z).sum())(x)] as const);
    const [first, second] = f(tensor([1, 2]));
    expect(await first.data()).toEqual(Float32Array.of(3, 12));
    expect(await second.data()).toEqual(Float32Array.of(6, 12));
    expect(f.graph(tensor([1, 2])).inputs).toHaveLength(1);
  });

  it("through ops of several outputs, ops without a rule, and shared values", async () => {
    const twice = defineOp("twice", { infer: ([x]) => x ?? [], decompose: ([x]) => (x ? x.add(x) : []) });
    const f = (x: Tensor): Tensor => {
      const y = applyOne(twice, [x], {});
      return y.mul(y).add(y).sum();
    };
    expect(await grad(f)(tensor([1, 2])).data()).toEqual(Float32Array.of(10, 18));
    expect(await grad((x: Tensor) => grad(f)(x).sum())(tensor([1, 2])).data()).toEqual(Float32Array.of(8, 8));
  });

  it("refuses what is no scalar, no float, no tensor, or has no gradient", () => {
    const x = tensor([1, 2]);
    expect(() => grad((z: Tensor) => z)(x)).toThrow(
      /grad: the function returned shape \[2\].*reduce it with sum\(\) or mean\(\)/s,
    );
    expect(() => grad((z: Tensor) => cast(z.sum(), "int32"))(x)).toThrow(/returned int32/);
    expect(() => grad((() => 3) as never)(x)).toThrow(/returned number, not a tensor/);
    const reads = (async (z: Tensor) => tensor(await z.sum().item())) as never;
    expect(() => grad(reads)(x)).toThrow(/grad: the function returned a Promise.*synchronous/s);
    expect(() => vjp(reads, x, x)).toThrow(/vjp: the function returned a Promise/);
    expect(() => vjp((() => 3) as never, x, x)).toThrow(/vjp: the function returned number, not a tensor/);
    const opaque = defineOp("opaque", { infer: ([z]) => z ?? [] });
    expect(() => grad((z: Tensor) => applyOne(opaque, [z], {}).sum())(x)).toThrow(/opaque: the op has no gradient/);
  });
});

describe("valueAndGrad of a model", () => {
  it("gives gradients by state-dict path, of what is trainable", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const { value, grads } = training(() => valueAndGrad(model, (m) => lossOf(m, x, labels)));
    expect([...grads.keys()]).toEqual(["conv.weight", "conv.bias", "dense.weight"]);
    expect(await value.item()).toBeGreaterThan(0);
    model.conv.bias.trainable = false;
    expect([...valueAndGrad(model, (m) => lossOf(m, x, labels)).grads.keys()]).toEqual(["conv.weight", "dense.weight"]);
  });

  it("equals the gradient by the tensors themselves", async () => {
    const model = {
      weight: new Parameter([2, 2], () => Float32Array.of(1, 2, 3, 4)),
      count: new State([], () => Float32Array.of(0)),
    };
    const x = tensor([[1, -1]]);
    const f = (weight: Tensor): Tensor => exp(sin(matmul(x, weight))).sum();
    const { grads } = valueAndGrad(model, (m) => f(m.weight.value));
    expect(await grads.get("weight")?.data()).toEqual(await grad(f)(model.weight.value).data());
  });

  it("nested: the gradient of a function of a gradient by the same parameters", async () => {
    const model = { weight: new Parameter([], () => Float32Array.of(3)) };
    const { grads, value } = valueAndGrad(model, (m) => {
      const inner = valueAndGrad(m, (n) => n.weight.value.pow(3));
      return inner.grads.get("weight") ?? tensor(0);
    });
    expect([await value.item(), await grads.get("weight")?.item()]).toEqual([27, 18]);
  });

  it("a shared parameter has one path, and one gradient: the sum", async () => {
    const shared = new Parameter([], () => Float32Array.of(3));
    const { grads } = valueAndGrad({ a: shared, b: { c: shared } }, (m) => m.a.value.mul(2).add(m.b.c.value.mul(5)));
    expect([...grads.keys()]).toEqual(["a"]);
    expect(await grads.get("a")?.item()).toBe(7);
  });

  it("a parameter that is written keeps its written value", async () => {
    const model = { weight: new Parameter([], () => Float32Array.of(3)) };
    const f = compile(() => {
      model.weight.set(model.weight.value.mul(2));
      const { grads } = valueAndGrad(model, (m) => m.weight.value.square());
      return grads.get("weight") ?? tensor(0);
    });
    expect(await f().item()).toBe(12);
    expect(await model.weight.value.item()).toBe(6);
  });

  it("refuses to guess the mode", () => {
    const layer = {};
    const f = (x: Tensor): Tensor => (isTraining(layer, "batchNorm") ? x : x.neg());
    expect(() => grad(f)(tensor(1))).toThrow(/batchNorm: .*choose training\(\(\) => \.\.\.\) or evaluating/s);
    expect(() => training(() => grad(f)(tensor(1)))).not.toThrow();
    expect(() => evaluating(() => grad(f)(tensor(1)))).not.toThrow();
    expect(isTraining(layer, "batchNorm")).toBe(false);
  });

  it("modes are for synchronous functions", () => {
    expect(() => training(async () => 1)).toThrow(/Promise/);
  });
});

describe("vjp", () => {
  it("pulls a cotangent back", async () => {
    const { value, grads } = vjp((x) => logSoftmax(x), tensor([1, 2, 3]), tensor([1, 0, 0]));
    const p = (await value.data()).map(Math.exp);
    const found = await grads.data();
    for (const [i, wanted] of [1 - (p[0] ?? 0), -(p[1] ?? 0), -(p[2] ?? 0)].entries())
      expect(found[i]).toBeCloseTo(wanted, 6);
  });

  it("of a convolution is the transposed convolution", async () => {
    const w = tensor([[[1, 2]]]);
    const { grads } = vjp((x) => conv(x, w), tensor([[[1, 2, 3]]]), tensor([[[1, 10]]]));
    expect(await grads.array()).toEqual([[[1, 12, 20]]]);
  });

  it("of trees, inside compile and to the second order", async () => {
    const f = ({ a, list }: { a: Tensor; list: readonly Tensor[] }): { product: Tensor; parts: Tensor[] } => ({
      product: a.mul(list[0] ?? a),
      parts: [a.square()],
    });
    const x = { a: tensor([1, 2]), list: [tensor([3, 4])] };
    const cotangent = { product: tensor([1, 10]), parts: [tensor([100, 0])] };
    const { value, grads } = compile((y: typeof x) => vjp(f, y, cotangent))(x);
    expect([await value.product.array(), await value.parts[0]?.array()]).toEqual([
      [3, 8],
      [1, 4],
    ]);
    expect([await grads.a.array(), await grads.list[0]?.array()]).toEqual([
      [203, 40],
      [1, 20],
    ]);
    const second = grad((y: Tensor) => vjp((z: Tensor) => z.pow(3), y, tensor([1])).grads.sum());
    expect(await second(tensor([2])).array()).toEqual([12]);
    const cell = new Parameter([1], () => Float32Array.of(5));
    expect(await vjp((z: Tensor) => z.square(), cell, tensor([1])).grads.array()).toEqual([10]);
  });

  it("refuses what returns no tensors, and cotangents of another structure", () => {
    expect(() => vjp((x: Tensor) => [x, x], tensor([1]), [tensor([1])])).toThrow(
      /the cotangent is \[1\], the value \[1\], \[1\]/,
    );
    expect(() => vjp((() => 3) as never, tensor([1]), tensor([1]))).toThrow(/returned number, not a tensor/);
    expect(() => vjp((async (x: Tensor) => x) as never, tensor([1]), tensor([1]))).toThrow(/returned a Promise/);
  });

  it("names shapes that do not fit", () => {
    expect(() => vjp((x) => x, tensor([1, 2]), tensor([1]))).toThrow(/the cotangent is \[1\], the value \[2\]/);
  });
});
