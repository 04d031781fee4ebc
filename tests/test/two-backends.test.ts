// Two backends alive at once: each keeps its tensors, and mixing them is an error that says how to move one.
import { cpu } from "@stria/backend-cpu";
import { add, BackendError, compile, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { afterAll, expect, test } from "vitest";

const [one, other] = [await cpu({ threads: 1 }), reference()];
afterAll(() => {
  one.dispose();
  other.dispose();
});

test("mixing their tensors in one op says how to move one; moved, it works", async () => {
  await useBackend(one);
  const a = await tensor([1, 2]).to(one);
  const b = await tensor([10, 20]).to(other);
  for (const mix of [() => add(a, b), () => add(b, a), () => compile(add)(a, b), () => compile(add)(b, a)]) {
    const read = async (): Promise<unknown> => mix().data();
    await expect(read()).rejects.toThrow(BackendError);
    await expect(read()).rejects.toThrow(
      /one tensor lives on backend "(cpu|reference)", another on "(cpu|reference)".*`await tensor\.to\(backend\)`/,
    );
  }
  expect(await add(a, await b.to(one)).data()).toEqual(Float32Array.of(11, 22));
  expect(await add(await a.to(other), b).data()).toEqual(Float32Array.of(11, 22));
  // The error changed nothing: both are as they were.
  expect(await a.data()).toEqual(Float32Array.of(1, 2));
  expect(await b.data()).toEqual(Float32Array.of(10, 20));
});

test("ops run where their tensors are, whatever the default is", async () => {
  await useBackend(one);
  const b = await tensor([10, 20]).to(other);
  const before = other.memory().buffers;
  const sum = add(b, b);
  expect(await sum.data()).toEqual(Float32Array.of(20, 40));
  expect(other.memory().buffers).toBe(before + 1);
  // A value that is on no backend yet goes to where the other is.
  expect(await add(b, tensor([1, 2])).data()).toEqual(Float32Array.of(11, 22));
});
