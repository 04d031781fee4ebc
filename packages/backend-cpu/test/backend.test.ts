// The life of buffers and programs: what is handed out, taken over, shared and freed.
import {
  at,
  type Backend,
  compile,
  type DeviceBuffer,
  fromHost,
  type Graph,
  matmul,
  mul,
  ones,
  type Op,
  reshape,
  sum,
  tanh,
  type Tensor,
  type TypedArray,
  useBackend,
} from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { runNode, specOf } from "./support/agree.ts";
import { Random } from "./support/random.ts";

const backend = await cpu({ threads: 2 });
const vector = { shape: [5], dtype: "float32" } as const;

function upload(...numbers: number[]): DeviceBuffer {
  return backend.upload(Float32Array.from(numbers), { shape: [numbers.length], dtype: "float32" });
}

function op(name: string): Op {
  const found = allOps[name];
  if (!found) throw new Error(name);
  return found;
}

/** outputs: a + b twice, and a itself; writeback: b * a. */
function graph(): Graph {
  return {
    values: [vector, vector, vector, vector],
    inputs: [
      { value: 0, role: "data", name: "a" },
      { value: 1, role: "param", name: "b" },
    ],
    nodes: [
      { op: op("add"), inputs: [0, 1], outputs: [2], attrs: {} },
      { op: op("mul"), inputs: [1, 0], outputs: [3], attrs: {} },
    ],
    constants: [],
    outputs: [
      { value: 2, name: "sum" },
      { value: 2, name: "again" },
      { value: 0, name: "a" },
    ],
    writebacks: [{ from: 3, to: 1 }],
  };
}

test("results have owners of their own, and donated inputs are taken", async () => {
  const program = await backend.compile(graph());
  const [a, b] = [upload(1, 2, 3, 4, 5), upload(2, 2, 2, 2, 2)];
  const results = program.run([a, b], [1]);
  expect(backend.memory().buffers).toBe(5);
  await expect(backend.download(b)).rejects.toThrow("freed");
  backend.free(a);
  backend.free(at(results, 0));
  expect(await backend.download(at(results, 1))).toEqual(Float32Array.of(3, 4, 5, 6, 7));
  expect(await backend.download(at(results, 2))).toEqual(Float32Array.of(1, 2, 3, 4, 5));
  expect(await backend.download(at(results, 3))).toEqual(Float32Array.of(2, 4, 6, 8, 10));
  for (const result of results.slice(1)) backend.free(result);
  program.dispose();
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
});

test("a donated input's memory is reused only where nobody else has it", async () => {
  const program = await backend.compile(graph());
  const run = async (a: DeviceBuffer, b: DeviceBuffer): Promise<TypedArray[]> => {
    const results = program.run([a, b], [1]);
    const data = await Promise.all(results.map((result) => backend.download(result)));
    for (const result of results) backend.free(result);
    return data;
  };
  const wanted = [
    [4, 6],
    [4, 6],
    [1, 2],
    [3, 8],
  ].map((list) => Float32Array.from([...list, 0, 0, 0]));
  const a = upload(1, 2, 0, 0, 0);
  expect(await run(a, upload(3, 4, 0, 0, 0))).toEqual(wanted);
  // The same value twice: the first is read after the second is taken.
  const both = upload(1, 2, 3, 4, 5);
  expect(at(await run(both, both), 3)).toEqual(Float32Array.of(1, 4, 9, 16, 25));
  // Handed out under two names: the other name keeps its value.
  const [name] = program.run([a, upload(3, 4, 0, 0, 0)], []).slice(2);
  if (!name) throw new Error("no result");
  expect(at(await run(a, name), 3)).toEqual(Float32Array.of(1, 4, 0, 0, 0));
  expect(await backend.download(a)).toEqual(Float32Array.of(1, 2, 0, 0, 0));
  program.dispose();
});

test("buffers that are freed, or another backend's, are refused", async () => {
  const a = upload(1);
  backend.free(a);
  expect(() => backend.free(a)).toThrow("freed");
  await expect(backend.download({ aval: vector })).rejects.toThrow("another backend");
  const other: Backend = await cpu({ threads: 1 });
  const foreign = other.upload(Float32Array.of(1), { shape: [1], dtype: "float32" });
  expect(() => backend.free(foreign)).toThrow("another backend");
  other.dispose();
});

test("a matrix of many megabytes grows the memory, and views follow", async () => {
  const size = 6_000_000;
  const big = backend.upload(new Float32Array(size).fill(2), { shape: [size], dtype: "float32" });
  const [square] =
    backend.execute?.({ op: op("mul"), attrs: {}, inputs: [big.aval, big.aval], outputs: [big.aval] }, [big, big]) ??
    [];
  if (!square) throw new Error("no result");
  const data = await backend.download(square);
  expect([data[0], data[size - 1]]).toEqual([4, 4]);
  backend.free(big);
  backend.free(square);
});

test("values without elements flow through a program", async () => {
  await useBackend(backend);
  const run = compile((x: Tensor) => sum(tanh(matmul(mul(x, 2), ones([0, 3])))));
  const empty = fromHost(new Float32Array(0), [2, 0], "float32");
  expect(await run(empty).item()).toBe(0);
  const product = compile((x: Tensor) => mul(reshape(sum(x, 0), [3]), 2));
  expect(await product(fromHost(new Float32Array(0), [0, 3], "float32")).data()).toEqual(new Float32Array(3));
});

test("deterministic: the same bits for any number of threads", async () => {
  const random = new Random(9);
  const x = random.value([3, 7, 19, 23]);
  const weight = random.value([13, 7, 3, 3]);
  const attrs = {
    stride: [1, 2],
    dilation: [1, 1],
    padding: [
      [1, 1],
      [0, 2],
    ] as const,
    groups: 1,
  };
  const node = specOf("conv", [x, weight], attrs);
  const results = [];
  for (const threads of [1, 2, 3, 5]) {
    const some = await cpu({ threads, deterministic: true });
    results.push(...(await runNode(some, node, [x, weight])));
    some.dispose();
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

test("options out of range are refused", async () => {
  await expect(cpu({ threads: 0 })).rejects.toThrow("threads is 0");
  // @ts-expect-error what JavaScript may pass
  await expect(cpu({ algorithms: "fast" })).rejects.toThrow("algorithms is fast");
});
