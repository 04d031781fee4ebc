// Tensors from host data and from nothing, and how they look in Node.
import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import {
  AttributeError,
  DTypeError,
  ShapeError,
  type DType,
  type Tensor,
  arange,
  compile,
  eye,
  full,
  linspace,
  permutation,
  printGraph,
  setSeed,
  tensor,
  useBackend,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

beforeEach(async () => {
  setSeed(3);
  await useBackend(reference());
});

describe("tensor", () => {
  it.each<[DType, number | boolean, unknown]>([
    ["float32", 1.5, 1.5],
    ["int32", -(2 ** 31), -(2 ** 31)],
    ["uint8", 255, 255],
    ["bool", true, true],
  ])("%s: scalars and nested arrays, there and back", async (dtype, value, wanted) => {
    expect(await tensor(value, { dtype }).array()).toBe(wanted);
    const nested = tensor([[[value], [value]]], { dtype });
    expect([nested.shape, nested.dtype, await nested.array()]).toEqual([[1, 2, 1], dtype, [[[wanted], [wanted]]]]);
    expect((await tensor([[], []], { dtype }).array()) as unknown).toEqual([[], []]);
  });

  it("bool is 0 or 1 whatever it is made of", async () => {
    expect([...(await tensor(Uint8Array.of(0, 7), { dtype: "bool" }).data())]).toEqual([0, 1]);
    expect([...(await tensor([0, -2, Number.NaN], { dtype: "bool" }).data())]).toEqual([0, 1, 0]);
  });

  it.each<[string, () => unknown, RegExp, new (...args: never[]) => Error]>([
    ["int32 of 1.5", () => tensor([1, 1.5], { dtype: "int32" }), /tensor: 1\.5 is no int32/, DTypeError],
    ["int32 of 2 ** 31", () => tensor(2 ** 31, { dtype: "int32" }), /2147483648 is no int32/, DTypeError],
    ["uint8 of -1", () => tensor([-1], { dtype: "uint8" }), /-1 is no uint8/, DTypeError],
    ["int32 of NaN", () => tensor([Number.NaN], { dtype: "int32" }), /NaN is no int32/, DTypeError],
    ["ragged rows", () => tensor([[1], [1, 2]]), /ragged: 2 entries where axis 1/, ShapeError],
    ["rank 9", () => tensor([1], { shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }), /rank 9 is more than 8/, ShapeError],
    ["arange with step 0", () => arange(0, 1, 0), /arange: Infinity elements/, AttributeError],
    ["arange without end", () => arange(0, Infinity), /arange: Infinity elements/, AttributeError],
    ["arange of halves as int32", () => arange(0, 2, 0.5, "int32"), /0\.5 is no int32/, DTypeError],
    ["linspace of 1.5 numbers", () => linspace(0, 1, 1.5), /linspace: 1\.5 elements/, AttributeError],
    ["permutation of -1", () => permutation(-1), /permutation: shape \[-1\] has a length/, ShapeError],
  ])("refuses %s", (_, make, message, kind) => {
    expect(make).toThrow(message);
    expect(make).toThrow(kind);
  });
});

describe("arange, linspace, eye", () => {
  it("are PyTorch's", async () => {
    const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
    expect(await list(arange(1, 2.5, 0.5))).toEqual([1, 1.5, 2]);
    expect(await list(arange(5, 0, -2, "int32"))).toEqual([5, 3, 1]);
    expect(await list(arange(3, 0))).toEqual([]);
    expect(await list(linspace(3, 10, 5))).toEqual([3, 4.75, 6.5, 8.25, 10]);
    expect(await list(linspace(0, 0.7, 8))).toEqual(
      Array.from({ length: 8 }, (_, i) => Math.fround(i === 7 ? 0.7 : i / 10)),
    );
    expect(await list(linspace(3, 10, 5, "int32"))).toEqual([3, 4, 6, 8, 10]);
    expect([await list(linspace(2, 9, 1)), await list(linspace(2, 9, 0))]).toEqual([[2], []]);
    expect(await eye(2, 3).array()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(await eye(2, 2, "bool").array()).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

describe("permutation", () => {
  it("is each number once, of the seed; the same seed begins again", async () => {
    const draw = async (): Promise<number[]> => [...(await permutation(20).data())];
    const [first, second] = [await draw(), await draw()];
    expect(first.toSorted((a, b) => a - b)).toEqual([...Array(20).keys()]);
    expect(first).not.toEqual(second);
    setSeed(3);
    expect(await draw()).toEqual(first);
    expect([permutation(3).dtype, permutation(0).shape]).toEqual(["int32", [0]]);
  });

  it("inside a step is drawn anew at each run, on the host", async () => {
    const f = compile((x: Tensor) => permutation(6).add(x));
    const zero = tensor(0, { dtype: "int32" });
    const runs = [[...(await f(zero).data())], [...(await f(zero).data())]];
    for (const run of runs) expect(run.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(runs[0]).not.toEqual(runs[1]);
    expect(printGraph(f.graph(zero))).toContain('int32[6] = noise "permutation/0" permutation()');
  });
});

describe("inspect", () => {
  it("shows what is on the host, row by row", () => {
    expect(
      inspect(
        tensor([
          [1, -0, 0.1],
          [1e-9, 123456789.5, Number.NaN],
        ]),
      ),
    ).toBe("Tensor float32[2, 3] [[1, -0, 0.1],\n [1.0000e-9, 123456792, NaN]]");
    expect(inspect(tensor([true, false]))).toBe("Tensor bool[2] [true, false]");
    expect(inspect(tensor(7, { dtype: "uint8" }))).toBe("Tensor uint8[] 7");
    expect(
      inspect(
        tensor(
          [
            [[1], [2]],
            [[3], [4]],
          ],
          { dtype: "int32" },
        ),
      ),
    ).toBe("Tensor int32[2, 2, 1] [[[1],\n  [2]],\n\n [[3],\n  [4]]]");
    expect(inspect({ x: tensor(new Float32Array(0), { shape: [2, 0] }) })).toContain("Tensor float32[2, 0] [[],");
  });

  it("shows the ends of what is large, at once", () => {
    const text = inspect(arange(0, 1e6));
    expect(text).toBe("Tensor float32[1000000] [0, 1, 2, ..., 999997, 999998, 999999]");
    const lines = inspect(tensor(new Int32Array(90000), { shape: [300, 300] })).split("\n");
    expect(lines).toHaveLength(7);
    expect(lines[3]).toBe(" ...,");
  });

  it("says where everything else is", () => {
    expect(inspect(full([2], 1))).toBe("Tensor float32[2] (on reference: await data() or array() to read it)");
    const x = tensor([1]);
    x.dispose();
    expect(inspect(x)).toBe("Tensor float32[1] (disposed)");
    compile((traced: Tensor) => {
      expect(inspect(traced)).toBe("Tensor float32[1] (traced: it has a value when the program runs)");
      return traced;
    })(tensor([2]));
  });
});
