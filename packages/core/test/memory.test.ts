// Memory: training leaves nothing behind, and what was handed out stays what it was.
import { beforeEach, describe, expect, it } from "vitest";
import { type Backend, type Tensor, compile, grad, scope, tensor, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { faulty, slow } from "./support/backends.ts";
import { batch, descent, smallModel } from "./support/model.ts";
import { uniform } from "./support/numbers.ts";

let backend: Backend;
beforeEach(async () => {
  backend = await useBackend(reference());
});

describe("a training step", () => {
  it("runs 2,000 times in constant memory, and learns", async () => {
    const { x, labels } = batch();
    const step = descent(smallModel());
    const run = async (): Promise<number> => {
      const loss = step(x, labels);
      const value = await loss.item();
      loss.dispose();
      return value;
    };
    const first = await run();
    let last = await run(); // now the batch stays on the device: it is used again
    const before = backend.memory();
    for (let i = 0; i < 2000; i++) last = await run();
    expect(backend.memory()).toEqual(before);
    expect(last).toBeLessThan(first / 10);
  });

  it("leaves nothing behind where it may not take parameters over", async () => {
    const { x, labels } = batch();
    const step = descent(smallModel(), { safe: true });
    const run = async (): Promise<void> => {
      const loss = step(x, labels);
      await loss.item();
      loss.dispose();
    };
    await run();
    await run();
    const before = backend.memory();
    for (let i = 0; i < 100; i++) await run();
    expect(backend.memory()).toEqual(before);
  });

  it("takes the parameters over, once nobody else holds them", async () => {
    const { backend: watched, donations } = faulty();
    await useBackend(watched);
    const model = smallModel();
    const step = descent(model);
    const { x, labels } = batch();
    await step(x, labels).item();
    expect(donations).toHaveLength(1);
    expect(donations[0]).toHaveLength(4);

    const kept = model.conv.weight.value;
    const held = await kept.data();
    await step(x, labels).item();
    expect(donations[1]).toHaveLength(3);
    expect(await kept.data()).toEqual(held);
    const now = model.conv.weight.value;
    expect(await now.data()).not.toEqual(held);
    now.dispose();

    kept.dispose();
    await step(x, labels).item();
    expect(donations[2]).toHaveLength(4);
  });

  it("does not take over what another function captured or what is being read", async () => {
    const { backend: watched, donations } = faulty();
    await useBackend(watched);
    const model = smallModel();
    const step = descent(model);
    const { x, labels } = batch();
    await step(x, labels).item();
    const captured = model.dense.weight.value;
    const one = tensor(1);
    const sum = compile((scale: Tensor) => captured.mul(scale).sum());
    const before = await sum(one).item();
    captured.dispose(); // the program still holds it
    const reading = model.conv.weight.value.data();
    await step(x, labels).item();
    expect(donations.at(-1)).toHaveLength(2);
    expect((await reading).length).toBe(18);
    expect(await sum(one).item()).toBe(before);
  });

  it("two cells with one value do not both give it up", async () => {
    const model = smallModel();
    const other = smallModel();
    other.conv.weight.set(model.conv.weight.value);
    const step = descent(model);
    const { x, labels } = batch();
    const before = await other.conv.weight.value.data();
    await step(x, labels).item();
    expect(await other.conv.weight.value.data()).toEqual(before);
  });

  it("leaves the batch on the host: arguments are uploaded for the run alone", async () => {
    const { x, labels } = batch();
    const step = descent(smallModel());
    await step(x, labels).item();
    const { bytes } = backend.memory();
    // Parameters (18 + 2 + 54), the count of steps, and the loss, whose handle may live until it is collected.
    expect(bytes).toBeLessThanOrEqual((18 + 2 + 54 + 1 + 1) * 4);
  });
});

describe("scope", () => {
  it("frees everything but the result", async () => {
    const x = uniform([3], 1).add(0);
    await x.data();
    const before = backend.memory().buffers;
    const [kept] = scope(() => {
      const twice = x.mul(2);
      scope(() => twice.exp().log());
      return [twice.add(1), { unrelated: 1 }] as const;
    });
    expect(await kept.data()).toEqual((await x.data()).map((value) => value * 2 + 1));
    expect(backend.memory().buffers).toBe(before + 1);
    kept.dispose();
    expect(backend.memory().buffers).toBe(before);
  });

  it("frees everything when the function throws, or returns a Promise", async () => {
    const x = uniform([3], 1).add(0);
    await x.data();
    const before = backend.memory().buffers;
    expect(() =>
      scope(() => {
        x.mul(2);
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(() => scope(async () => x.mul(2))).toThrow(/synchronous/);
    expect(backend.memory().buffers).toBe(before);
  });

  it("does not free what came from outside", async () => {
    const x = uniform([3], 1).add(0);
    scope(() => x);
    expect(await x.data()).toHaveLength(3);
  });

  it("a gradient frees what its function made, its results aside", async () => {
    const x = uniform([3], 1).add(0);
    await x.data();
    const before = backend.memory().buffers;
    const captured = tensor([1, 2, 3]);
    const gradient = grad((z: Tensor) => z.mul(captured.mul(2)).sum())(x);
    expect(await gradient.data()).toEqual(Float32Array.of(2, 4, 6));
    gradient.dispose();
    captured.dispose();
    expect(backend.memory().buffers).toBe(before);
  });
});

it("a disposed tensor says so; disposing twice does nothing", async () => {
  const x = tensor([1, 2]).add(1);
  const y = x.mul(2);
  x.dispose();
  x.dispose();
  expect(() => x.add(1)).toThrow(/disposed/);
  await expect(x.data()).rejects.toThrow(/disposed/);
  expect(await y.data()).toEqual(Float32Array.of(4, 6));
});

it("a value that is read while it is on its way is not lost with its handle", async () => {
  const { backend: late } = slow();
  await useBackend(late);
  const x = tensor([1, 2]);
  const y = x.add(1);
  const reading = y.data();
  y.dispose();
  expect(await reading).toEqual(Float32Array.of(2, 3));
  x.dispose();
  expect(late.memory().buffers).toBe(0);
});
