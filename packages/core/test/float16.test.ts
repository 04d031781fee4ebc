// float16: stored, moved and cast; computed with as float32.
import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type Backend,
  DTypeError,
  Parameter,
  State,
  type Tensor,
  broadcastTo,
  cast,
  compile,
  concat,
  exp,
  flip,
  full,
  grad,
  ones,
  pad,
  printGraph,
  reshape,
  slice,
  take,
  tensor,
  useBackend,
  where,
} from "../src/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../src/safetensors/safetensors.ts";
import { fromJSON, toJSON } from "../src/graph/graph-json.ts";
import { allOps } from "../src/all-ops.ts";
import { reference } from "../src/reference/index.ts";

let backend: Backend;
beforeEach(async () => {
  backend = await useBackend(reference());
});

const half = { dtype: "float16" } as const;

describe("float16", () => {
  it("is rounded to the nearest, ties to even, as IEEE 754 has it; reading gives numbers", async () => {
    // The values of numpy's float16.
    const x = tensor([0.1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 65504, 65519, 65520, -1e9, 6e-8, 2 ** -25, 1e-5], half);
    expect([...(await x.data())]).toEqual([
      0.0999755859375,
      1,
      1.001953125,
      65504,
      65504,
      Infinity,
      -Infinity,
      5.960464477539063e-8,
      0,
      1.0013580322265625e-5,
    ]);
    expect(await x.data()).toBeInstanceOf(Float32Array);
    expect(await tensor(0.1, half).item()).toBe(0.0999755859375);
    expect(await tensor([[true], [-0]], half).array()).toEqual([[1], [-0]]);
    expect(inspect(tensor([0.5, Number.NaN], half))).toBe("Tensor float16[2] [0.5, NaN]");
    expect(await tensor(Uint16Array.of(0x3c00, 0xfc00), half).array()).toEqual([1, -Infinity]);
    expect(await tensor(Float32Array.of(1 / 3), half).item()).toBe(0.333251953125);
    expect(() => tensor(Uint16Array.of(1))).toThrow(/a Uint16Array may hold whole numbers or the bits of float16/);
  });

  it("casts from and to every dtype", async () => {
    const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
    const x = tensor([2.75, -2.75, Number.NaN, Infinity, 6e-8, 300], half);
    expect(await list(cast(x, "float32"))).toEqual([2.75, -2.75, Number.NaN, Infinity, 5.960464477539063e-8, 300]);
    expect(await list(cast(x, "int32"))).toEqual([2, -2, 0, 2 ** 31 - 1, 0, 300]);
    expect(await list(cast(x, "uint8"))).toEqual([2, 0, 0, 255, 0, 255]);
    expect(await list(cast(x, "bool"))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await list(cast(tensor([-0], half), "bool"))).toEqual([0]);
    expect(await list(tensor([2049, 70000, -3], { dtype: "int32" }).cast("float16"))).toEqual([2048, Infinity, -3]);
    expect(await list(tensor([true, false]).cast("float16"))).toEqual([1, 0]);
    expect(await list(tensor([255], { dtype: "uint8" }).cast("float16"))).toEqual([255]);
  });

  it("moves: two bytes an element on the device, no bit changed", async () => {
    const x = await tensor([1.5, -0, 0.1], half).to(backend);
    expect(backend.memory().bytes).toBe(6);
    const wide = concat([x, full([1], 0.2, "float16")], 0);
    const moved = pad(
      flip(reshape(wide, [2, 2]), [0]),
      [
        [0, 1],
        [0, 0],
      ],
      0.1,
    );
    expect(await moved.array()).toEqual([
      [0.0999755859375, 0.199951171875],
      [1.5, -0],
      [0.0999755859375, 0.0999755859375],
    ]);
    const chosen = where(tensor([true, false, true]), x, 0.3);
    expect(await slice(chosen, [1], [2]).array()).toEqual([0.300048828125, 0.0999755859375]);
    expect(
      await broadcastTo(slice(x, [0], [1]), [2])
        .transpose()
        .array(),
    ).toEqual([1.5, 1.5]);
    expect(await take(x, tensor([2, 5], { dtype: "int32" }), 0).array()).toEqual([0.0999755859375, Number.NaN]);
  });

  it("does not compute: the error says to cast", () => {
    const x = tensor([1], half);
    for (const f of [() => x.add(1), () => exp(x), () => x.sum(), () => x.less(2), () => x.equal(x), () => x.matmul(x)])
      expect(f).toThrow(/does not take float16\. Remedy: cast to float32/);
    expect(() => x.add(1)).toThrow(DTypeError);
  });

  it("constants have to be float16 numbers in a graph", () => {
    expect(() => fromJSON(graphWith({ value: 0.1 }), allOps)).toThrow(/full: 0\.1 is no float16/);
    const graph = compile(() => full([2], 0.1, "float16")).graph();
    expect(printGraph(graph)).toContain("value 0.0999755859375");
    expect(printGraph(fromJSON(JSON.parse(JSON.stringify(toJSON(graph))), allOps))).toBe(printGraph(graph));
    const constant = {
      ...graph,
      nodes: [],
      constants: [{ value: graph.outputs[0]?.value ?? 0, data: Uint16Array.of(0x3c01, 0x8000) }],
    };
    expect(printGraph(constant)).toContain("constant [1.0009765625, -0]");
    expect(fromJSON(JSON.stringify(toJSON(constant)), allOps).constants[0]?.data).toEqual(
      Uint16Array.of(0x3c01, 0x8000),
    );
  });

  it("lets gradients through, as float32", async () => {
    const f = (x: Tensor): Tensor => reshape(cast(x, "float16"), [2, 1]).cast("float32").square().sum();
    expect(await grad(f)(tensor([0.1, 3])).data()).toEqual(Float32Array.of(2 * 0.0999755859375, 6));
    const g = (x: Tensor): Tensor =>
      cast(flip(x, [0]), "float32")
        .mul(tensor([1, 2]))
        .sum();
    const gradient = grad(g)(tensor([1, 2], half));
    expect([gradient.dtype, await gradient.array()]).toEqual(["float32", [2, 1]]);
  });

  it("holds parameters and state, and files of them", async () => {
    const weight = new Parameter([2], () => Float32Array.of(0.1, 2), "float16");
    const step = compile((x: Tensor) => {
      const next = weight.value.cast("float32").add(x);
      weight.set(next.cast("float16"));
      return next;
    });
    expect(await step(ones([2])).array()).toEqual([Math.fround(1.0999755859375), 3]);
    expect(await weight.value.array()).toEqual([1.099609375, 3]);
    const data = await weight.value.data();
    const file = encodeSafetensors(new Map([["w", { shape: [2], dtype: "float16", data }]]));
    const stored = decodeSafetensors(file).tensors.get("w");
    expect([stored?.storedAs, stored?.dtype, stored?.data]).toEqual([
      "F16",
      "float32",
      Float32Array.of(1.099609375, 3),
    ]);
    const state = new State([2], () => new Uint16Array(2), "float16");
    state.load(stored?.data ?? new Float32Array(2));
    expect(await state.value.array()).toEqual([1.099609375, 3]);
    const bits = encodeSafetensors(new Map([["w", { shape: [1], dtype: "float16", data: Uint16Array.of(0x3c01) }]]));
    expect([...bits.subarray(-2)]).toEqual([0x01, 0x3c]);
  });

  it("a backend without it says so, by name", async () => {
    const inner = reference();
    await useBackend({ ...inner, name: "old", capabilities: { dtypes: ["float32", "int32", "bool"], eager: true } });
    const message = /backend "old" has no float16\. Remedy: cast to float32 or int32 or bool first/;
    expect(() => tensor([1], half).cast("float32")).toThrow(message);
    expect(() => tensor([1]).cast("float16")).toThrow(message);
    expect(() => compile((x: Tensor) => x.cast("float16").cast("float32"))(tensor([1]))).toThrow(message);
    expect(() => grad((x: Tensor) => x.cast("float16").cast("float32").square().sum())(tensor([1]))).toThrow(message);
    expect(inner.memory().buffers).toBe(0);
  });
});

/** A graph of one float16 constant, as a file would have it. */
function graphWith(attrs: { readonly value: number }): unknown {
  return {
    format: "stria.graph",
    version: 1,
    values: [{ shape: [], dtype: "float16" }],
    inputs: [],
    nodes: [{ op: "full", inputs: [], outputs: [0], attrs: { shape: [], dtype: "float16", ...attrs } }],
    constants: [],
    outputs: [{ value: 0, name: "y" }],
    writebacks: [],
  };
}
