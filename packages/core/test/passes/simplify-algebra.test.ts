// Constant folding and algebraic simplification, rule by rule, as a traced function shows them.
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Tensor,
  broadcastTo,
  cast,
  compile,
  concat,
  equal,
  flip,
  full,
  logicalNot,
  matmul,
  ones,
  pad,
  reshape,
  slice,
  tensor,
  transpose,
  useBackend,
  where,
  zeros,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";

beforeAll(() => useBackend(reference()));

/** The ops that are left of `f(x)` for x [2, 3]. */
function left(f: (x: Tensor) => Tensor, dtype: "float32" | "int32" | "bool" = "float32"): string {
  const graph = compile(f).graph(tensor([0, 0, 0, 0, 0, 0], { shape: [2, 3], dtype: "float32" }).cast(dtype));
  return graph.nodes.map(({ op }) => op.name).join(" ");
}

describe("what changes nothing goes", () => {
  it.each<[string, (x: Tensor) => Tensor, string]>([
    ["x * 1", (x) => x.mul(1), ""],
    ["1 * x, of a product", (x) => full([3], 2).mul(0.5).mul(x), ""],
    ["x / 1", (x) => x.div(ones([2, 3])), ""],
    ["x ** 1", (x) => x.pow(1), ""],
    ["x + -0", (x) => x.add(-0), ""],
    ["x - 0", (x) => x.sub(0), ""],
    ["x + 0: not where x is -0", (x) => x.add(0), "full add"],
    ["x - -0: not where x is -0", (x) => x.sub(-0), "full sub"],
    ["x * 0: not where x is NaN", (x) => x.mul(0), "full mul"],
    ["x * 1 that broadcasts", (x) => x.mul(ones([4, 2, 3])), "full mul"],
    ["--x", (x) => x.neg().neg(), ""],
    ["where of a constant", (x) => where(full([], 1, "bool"), x, x.exp()), ""],
    ["where(c, x, x) stays", (x) => where(equal(x, x), x, x), "equal where"],
    ["a transpose and back", (x) => transpose(transpose(x)), ""],
    ["a reshape and back", (x) => reshape(reshape(x, [6]), [2, 3]), ""],
    ["flips of the same axes", (x) => flip(flip(x, [0]), [0]), ""],
    ["two reshapes", (x) => reshape(reshape(x, [6]), [3, 2]), "reshape"],
    ["two broadcasts", (x) => broadcastTo(broadcastTo(x, [4, 2, 3]), [5, 4, 2, 3]), "broadcastTo"],
    ["two slices", (x) => slice(slice(x, [1, 0], [1, 3]), [0, 1], [1, 1], [1, 2]), "slice"],
    ["two transposes", (x) => transpose(transpose(reshape(x, [1, 2, 3]), [1, 2, 0]), [1, 2, 0]), "reshape transpose"],
  ])("%s", (_, f, wanted) => {
    expect(left(f)).toBe(wanted);
  });

  it("of whole numbers and bools", () => {
    expect(left((x) => x.add(0).sub(0).mul(1).neg().neg(), "int32")).toBe("");
    expect(left((x) => logicalNot(logicalNot(x)), "bool")).toBe("");
    expect(left((x) => cast(x, "int32").cast("float32"), "bool")).toBe("cast cast");
  });
});

describe("constants", () => {
  it.each<[string, (x: Tensor) => Tensor, string]>([
    ["arithmetic", (x) => x.mul(full([3], 2).add(1).div(4).neg().sqrt().maximum(2)), "full mul"],
    [
      "movement",
      (x) =>
        x.add(
          transpose(reshape(zeros([6]), [3, 2])).add(
            pad(zeros([1, 2]), [
              [1, 0],
              [1, 0],
            ]),
          ),
        ),
      "full add",
    ],
    [
      "joined and chosen",
      (x) => x.mul(where(full([2, 3], 3).less(2), x, concat([full([1, 3], 2), full([1, 3], 2)], 0))),
      "full mul",
    ],
    ["of another dtype", (x) => x.mul(cast(full([], 2.7).cast("int32").mul(3).equal(6), "float32").add(1)), "full mul"],
  ])("%s", (_, f, wanted) => {
    expect(left(f)).toBe(wanted);
  });

  it("are rounded as float32 is", async () => {
    const f = compile((x: Tensor) => x.add(full([], 0.1).add(0.2).mul(3)));
    const value = Math.fround(Math.fround(Math.fround(0.1) + Math.fround(0.2)) * 3);
    expect(await f(tensor(-0)).item()).toBe(value);
    expect(f.graph(tensor(-0)).nodes[0]?.attrs["value"]).toBe(value);
  });
});

describe("transposes go into matrix products", () => {
  const product = (f: (x: Tensor) => Tensor): unknown =>
    compile(f)
      .graph(tensor(new Float32Array(6), { shape: [2, 3] }))
      .nodes.map(({ op, attrs }) => [op.name, attrs]);

  it("on either side, also where it was transposed already", () => {
    const both = { transposeA: false, transposeB: true };
    expect(product((x) => matmul(x, transpose(x)))).toEqual([["matmul", both]]);
    expect(product((x) => matmul(transpose(x), x, { transposeA: true, transposeB: true }))).toEqual([["matmul", both]]);
    expect(product((x) => matmul(transpose(x), transpose(x), { transposeB: true }))).toEqual([
      ["matmul", { transposeA: true, transposeB: false }],
    ]);
  });

  it("not where other axes move", () => {
    const x = tensor(new Float32Array(8), { shape: [2, 2, 2] });
    const f = compile((a: Tensor) => matmul(transpose(a, [1, 0, 2]), transpose(a, [0, 2, 1])));
    expect(f.graph(x).nodes.map(({ op }) => op.name)).toEqual(["transpose", "matmul"]);
  });
});
