// The watch itself: it stays quiet over kernels that keep to their buffers, gives their results, and names those that do not.
import {
  at,
  type Backend,
  compile,
  conv,
  type Executable,
  fromHost,
  maxPool,
  relu,
  sizeOf,
  sum,
  type Tensor,
  type TypedArray,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { guardedRun } from "../src/insight/guarded-run.ts";
import { CpuExecutable } from "../src/program/executable.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

const shapes: readonly (readonly number[])[] = [
  [2, 3, 7, 5],
  [5, 3, 3, 3],
];

function net(x: Tensor, weight: Tensor): Tensor[] {
  const y = maxPool(relu(conv(x, weight, { padding: 1 })), [2, 2]);
  return [y, sum(y, [0, 2])];
}

function inputs(values: readonly Float32Array[]): [x: Tensor, weight: Tensor] {
  const [x, weight] = values.map((data, index) => fromHost(data, at(shapes, index), "float32"));
  if (!x || !weight) throw new Error("two inputs");
  return [x, weight];
}

async function made(threads: number): Promise<{
  backend: Backend;
  executable: Executable;
  values: Float32Array[];
  wanted: TypedArray[];
}> {
  const random = new Random(5);
  const values = shapes.map((shape) => Float32Array.from({ length: sizeOf(shape) }, () => random.next() - 0.5));
  await useBackend(reference());
  const wanted = await Promise.all(compile(net)(...inputs(values)).map((tensor) => tensor.data()));
  const backend = await useBackend(cpu({ threads }));
  const executable = await backend.compile(compile(net).graph(...inputs(values)));
  return { backend, executable, values, wanted };
}

test.each([1, 3])("a sound program has its results and no faults, on %i threads", async (threads) => {
  const { backend, executable, values, wanted } = await made(threads);
  const { results, faults } = await guardedRun(executable, values);
  expect(faults).toEqual([]);
  for (const [index, result] of results.entries())
    expect(difference(result, at(wanted, index), { ofLargest: 1e-5 })).toBeUndefined();
  backend.dispose();
});

test("a kernel that writes behind its buffer is named, with the step and the buffer", async () => {
  const { backend, executable, values } = await made(1);
  if (!(executable instanceof CpuExecutable)) throw new Error("a program of the CPU's");
  const { builder } = executable.open().program;
  // The last buffer that a step makes is told to be a row shorter than it is.
  const id = builder.steps[0]?.writes[0] ?? -1;
  const buffer = builder.buffers[id];
  if (buffer?.kind !== "local") throw new Error("the first step makes a buffer");
  builder.buffers[id] = { kind: "local", bytes: buffer.bytes - 80 };
  const { faults } = await guardedRun(executable, values);
  expect(faults[0]).toMatch(new RegExp(`^step 0, \\S+.* wrote behind buffer ${id} \\(local\\)$`));
  backend.dispose();
});

test("the program of another backend is refused", async () => {
  const backend = await useBackend(reference());
  const x = fromHost(new Float32Array(2), [2], "float32");
  const executable = await backend.compile(compile((y: Tensor) => relu(y)).graph(x));
  await expect(guardedRun(executable, [new Float32Array(2)])).rejects.toThrow(
    "guardedRun: the program is not of @stria/backend-cpu. Remedy: compile it with cpu()",
  );
});
