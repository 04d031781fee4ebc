// What the backend promises beyond numbers: order, failures, donation, sharing, accounting.
import { type Aval, type Backend, type Graph, type Op, at, contractVersion } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onnx } from "../src/index.ts";

const vector: Aval = { shape: [3], dtype: "float32" };
const scalar: Aval = { shape: [], dtype: "float32" };

function op(name: string): Op {
  const found = allOps[name];
  if (!found) throw new Error(`there is no op ${name}`);
  return found;
}

/** y = a + b and z = a * b, with everything that can go straight through: an input, a constant, an output twice, a write-back. */
const mixed: Graph = {
  values: [vector, vector, vector, vector, vector, { shape: [0, 2], dtype: "int32" }],
  inputs: [
    { value: 0, role: "param", name: "w" },
    { value: 1, role: "data", name: "x" },
  ],
  nodes: [
    { op: op("add"), inputs: [0, 1], outputs: [3], attrs: {} },
    { op: op("mul"), inputs: [0, 1], outputs: [4], attrs: {} },
    { op: op("full"), inputs: [], outputs: [5], attrs: { shape: [0, 2], value: 0, dtype: "int32" } },
  ],
  constants: [{ value: 2, data: Float32Array.of(7, 8, 9) }],
  outputs: [3, 3, 1, 2, 5].map((value, index) => ({ value, name: `result ${index}` })),
  writebacks: [{ from: 4, to: 0 }],
};

/** y = x + 1. */
const increment: Graph = {
  values: [vector, scalar, vector],
  inputs: [{ value: 0, role: "data", name: "x" }],
  nodes: [{ op: op("add"), inputs: [0, 1], outputs: [2], attrs: {} }],
  constants: [{ value: 1, data: Float32Array.of(1) }],
  outputs: [{ value: 2, name: "y" }],
  writebacks: [],
};

/** y = sum(-broadcast(x)) over more elements than WebAssembly can address. */
const tooLarge: Graph = {
  values: [
    vector,
    { shape: [700_000_000, 3], dtype: "float32" },
    { shape: [700_000_000, 3], dtype: "float32" },
    vector,
  ],
  inputs: [{ value: 0, role: "data", name: "x" }],
  nodes: [
    { op: op("broadcastTo"), inputs: [0], outputs: [1], attrs: { shape: [700_000_000, 3] } },
    { op: op("transpose"), inputs: [1], outputs: [2], attrs: { permutation: [0, 1] } },
    { op: op("sum"), inputs: [2], outputs: [3], attrs: { axes: [0], keepDims: false } },
  ],
  constants: [],
  outputs: [{ value: 3, name: "y" }],
  writebacks: [],
};

let backend: Backend;
beforeEach(async () => (backend = await onnx({ threads: 1 })));
afterEach(() => {
  const { bytes, buffers } = backend.memory();
  backend.dispose();
  if (buffers > 0) throw new Error(`the test left ${buffers} buffers of ${bytes} bytes`);
});

test("it speaks the contract", () => {
  expect(backend).toMatchObject({ name: "onnx", contractVersion, capabilities: { eager: false } });
  expect(backend.capabilities.dtypes).toEqual(["float32", "int32", "uint8", "bool", "float16"]);
});

describe("buffers", () => {
  test("upload and download copy", async () => {
    const data = Float32Array.of(1, 2, 3);
    const buffer = backend.upload(data, vector);
    data[0] = 100;
    const read = await backend.download(buffer);
    expect([...read]).toEqual([1, 2, 3]);
    read[1] = 100;
    expect([...(await backend.download(buffer))]).toEqual([1, 2, 3]);
    expect(backend.memory()).toEqual({ bytes: 12, buffers: 1 });
    backend.free(buffer);
  });

  test("what is freed, foreign or of another size is refused", async () => {
    const buffer = backend.upload(new Float32Array(3), vector);
    backend.free(buffer);
    expect(() => backend.free(buffer)).toThrow(/freed/);
    await expect(backend.download(buffer)).rejects.toThrow(/freed/);
    expect(() => backend.free({ aval: vector })).toThrow(/another backend/);
    expect(() => backend.upload(new Float32Array(4), vector)).toThrow(/float32\[3\]/);
    expect(() => backend.upload(new Int32Array(3), vector)).toThrow(/float32\[3\]/);
  });
});

describe("a run", () => {
  test("returns what goes straight through, and each result on its own", async () => {
    const program = await backend.compile(mixed);
    const [w, x] = [
      backend.upload(Float32Array.of(1, 2, 3), vector),
      backend.upload(Float32Array.of(10, 20, 30), vector),
    ];
    const results = program.run([w, x], [0]);
    expect(backend.memory()).toEqual({ bytes: 12 * 6, buffers: 7 });
    const read = await Promise.all(results.map(async (result) => [...(await backend.download(result))]));
    expect(read).toEqual([[11, 22, 33], [11, 22, 33], [10, 20, 30], [7, 8, 9], [], [10, 40, 90]]);
    expect(results.map(({ aval }) => aval)).toEqual([
      vector,
      vector,
      vector,
      vector,
      { shape: [0, 2], dtype: "int32" },
      vector,
    ]);
    backend.free(x);
    const [first, ...rest] = results;
    if (first) backend.free(first);
    for (const result of rest) {
      await backend.download(result);
      backend.free(result);
    }
    program.dispose();
  });

  test("only enqueues, and runs follow each other in program order", async () => {
    const program = await backend.compile(increment);
    let buffer = backend.upload(Float32Array.of(0, 10, 20), vector);
    for (let step = 0; step < 50; step++) buffer = at(program.run([buffer], [0]), 0);
    expect(backend.memory()).toEqual({ bytes: 12, buffers: 1 });
    program.dispose();
    expect([...(await backend.download(buffer))]).toEqual([50, 60, 70]);
    backend.free(buffer);
  });

  test("an input may be freed as soon as the run is enqueued", async () => {
    const program = await backend.compile(increment);
    const x = backend.upload(Float32Array.of(1, 2, 3), vector);
    const y = at(program.run([x], []), 0);
    backend.free(x);
    expect([...(await backend.download(y))]).toEqual([2, 3, 4]);
    backend.free(y);
    program.dispose();
  });

  test("refuses inputs of other shapes, and to run when disposed, before anything is enqueued", async () => {
    const program = await backend.compile(increment);
    const x = backend.upload(new Float32Array(2), { shape: [2], dtype: "float32" });
    expect(() => program.run([x], [0])).toThrow(/x: the input is float32\[2\], the program wants float32\[3\]/);
    expect(() => program.run([], [])).toThrow(/missing/);
    program.dispose();
    expect(() => program.run([x], [0])).toThrow(/disposed/);
    backend.free(x);
  });

  test("that fails poisons its results, and theirs; the error is the first one, at download", async () => {
    const program = await backend.compile(tooLarge);
    const next = await backend.compile(increment);
    const x = backend.upload(Float32Array.of(1, 2, 3), vector);
    const y = at(program.run([x], []), 0);
    const z = at(next.run([y], []), 0);
    await expect(backend.download(z)).rejects.toThrow(/ONNX Runtime failed.*smaller batch/);
    await expect(backend.download(y)).rejects.toThrow(/ONNX Runtime failed.*smaller batch/);
    const again = at(next.run([x], [0]), 0);
    expect([...(await backend.download(again))]).toEqual([2, 3, 4]);
    for (const buffer of [y, z, again]) backend.free(buffer);
    for (const each of [program, next]) each.dispose();
  });
});

describe("the factory", () => {
  test("says what is wrong with its options", async () => {
    await expect(onnx({ threads: 0 })).rejects.toThrow(/threads is 0.*whole number/);
    await expect(onnx({ threads: 7 })).rejects.toThrow(/already runs with 1 threads/);
  });
});
