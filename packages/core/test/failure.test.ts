// What is left of a model, and what is said, when a program cannot be compiled or a run fails.
import { beforeEach, describe, expect, it } from "vitest";
import {
  type Backend,
  BackendError,
  State,
  type Tensor,
  compile,
  contractVersion,
  defaultBackend,
  dtypes,
  tensor,
  useBackend,
  where,
  zeros,
} from "../src/index.ts";
import { fromKernels } from "../src/backends.ts";
import { reference, references } from "../src/reference/index.ts";
import { type TypedArray, allocate, isOutOfHostMemory } from "../src/tensor/dtype.ts";
import { type Faults, faulty } from "./support/backends.ts";
import { batch, descent, smallModel } from "./support/model.ts";

let backend: Backend;
let faults: Faults;
let donations: number[][];
beforeEach(async () => {
  ({ backend, faults, donations } = faulty());
  await useBackend(backend);
});

describe("a step that fails", () => {
  it("before it took anything over (its compilation fails): the model is as it was", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const before = await model.dense.weight.value.data();
    faults.compile = new Error("no memory for code");
    const step = descent(model);
    await expect(step(x, labels).item()).rejects.toThrow("no memory for code");
    expect(await model.dense.weight.value.data()).toEqual(before);
    await step.ready(x, labels); // the fault has passed, and so it is compiled after all
    expect(await step(x, labels).item()).toBeGreaterThan(0);
  });

  it("before it took anything over (there is no memory for it): the model is as it was, and training goes on", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const step = descent(model);
    await step(x, labels).item();
    await step(x, labels).item(); // the batch is used again, and stays on the device from now on
    const before = await model.dense.weight.value.data();
    const { buffers } = backend.memory();
    faults.before = new Error("out of memory");
    const failed = step(x, labels);
    await expect(failed.item()).rejects.toThrow("out of memory");
    failed.dispose();
    expect(donations.at(-1)?.length).toBeGreaterThan(0);
    expect(await model.dense.weight.value.data()).toEqual(before);
    expect(await model.steps.value.item()).toBe(2);
    expect(backend.memory().buffers).toBe(buffers);
    await step(x, labels).item();
    expect(await model.steps.value.item()).toBe(3);
  });

  it("after it took the parameters over: their loss is said where they are used next", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const step = descent(model);
    await step(x, labels).item();
    faults.after = true;
    await expect(step(x, labels).item()).rejects.toThrow(
      /backend "reference": a run returned 0 buffers instead of [45]/,
    );
    await expect(model.dense.weight.value.data()).rejects.toThrow(
      /dense\.weight: its value was lost.*reload the checkpoint/s,
    );
    await expect(step(x, labels).item()).rejects.toThrow(BackendError);
    model.conv.weight.load(new Float32Array(18));
    expect(await model.conv.weight.value.data()).toEqual(new Float32Array(18));
  });

  it("because something it reads is poisoned: it takes nothing over", async () => {
    const state = new State([], () => Float32Array.of(1));
    const add = (what: Tensor): void => compile((one: Tensor) => state.set(state.value.mul(one).add(what)))(tensor(1));
    const read = async (): Promise<number> => {
      const handle = state.value;
      const number = await handle.item();
      handle.dispose(); // a handle that lives on would keep the step from taking the value over
      return number;
    };
    add(tensor(1));
    expect(await read()).toBe(2);
    faults.compile = new Error("no memory for code");
    const poisoned = compile((x: Tensor) => x.exp())(tensor(0));
    await expect(poisoned.item()).rejects.toThrow("no memory for code");
    add(poisoned);
    await expect(read()).rejects.toThrow("no memory for code"); // the value that was on its way
    expect(await read()).toBe(2);
    add(tensor(3));
    expect(await read()).toBe(5);
  });

  it("with { safe: true }: the model is as it was, and training goes on", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const step = descent(model, { safe: true });
    await step(x, labels).item();
    await step(x, labels).item(); // the batch is used again, and stays on the device from now on
    const before = await model.dense.weight.value.data();
    const { buffers } = backend.memory();
    faults.after = true;
    const failed = step(x, labels);
    await expect(failed.item()).rejects.toThrow(/backend "reference": a run returned 0 buffers instead of [45]/);
    failed.dispose();
    expect(await model.dense.weight.value.data()).toEqual(before);
    expect(await model.steps.value.item()).toBe(2);
    expect(backend.memory().buffers).toBe(buffers);
    await step(x, labels).item();
    expect(await model.steps.value.item()).toBe(3);
  });

  it("with { safe: true }, on the device, after it was launched: the model is as it was before it", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const step = descent(model, { safe: true });
    await step(x, labels).item();
    await step(x, labels).item();
    const before = await model.dense.weight.value.data();
    const { buffers } = backend.memory();
    faults.late = new Error("device on fire");
    const failed = [step(x, labels), step(x, labels)]; // the second starts from what the first left
    await expect(failed[0]?.item()).rejects.toThrow("device on fire");
    await expect(failed[1]?.item()).rejects.toThrow("an input was poisoned");
    for (const loss of failed) loss.dispose();
    await new Promise((done) => setTimeout(done, 0));
    expect(await model.dense.weight.value.data()).toEqual(before);
    expect(await model.steps.value.item()).toBe(2);
    expect(backend.memory().buffers).toBe(buffers);
    await step(x, labels).item();
    expect(await model.steps.value.item()).toBe(3);
  });

  it("takes with it the steps that were called after it; then the model is as it was before the first", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    const step = descent(model, { safe: true });
    const before = await model.dense.weight.value.data();
    faults.compile = new Error("no memory for code");
    const losses = [step(x, labels), step(x, labels), step(x, labels)]; // all wait for the compilation
    for (const loss of losses) await expect(loss.item()).rejects.toThrow("no memory for code");
    expect(await model.dense.weight.value.data()).toEqual(before);
    expect(await model.steps.value.item()).toBe(0);
    for (const loss of losses) loss.dispose();
    const again = descent(model, { safe: true });
    await again(x, labels).item();
    expect(await model.steps.value.item()).toBe(1);
  });

  it("does not bring an old value back over one that was set meanwhile", async () => {
    const model = smallModel();
    const { x, labels } = batch();
    faults.compile = new Error("no memory for code");
    const loss = descent(model)(x, labels);
    model.steps.load(Float32Array.of(42));
    await expect(loss.item()).rejects.toThrow("no memory for code");
    expect(await model.steps.value.item()).toBe(42);
  });
});

it("an error poisons what is computed from its result, and nothing else", async () => {
  faults.compile = new Error("no memory for code");
  const x = tensor([1, 2]).add(0);
  const bad = compile((a: typeof x) => a.exp())(x);
  const worse = bad.add(1).mul(x);
  await expect(worse.data()).rejects.toThrow("no memory for code");
  expect(await x.add(1).data()).toEqual(Float32Array.of(2, 3));
});

describe("backends", () => {
  it("tensors of two backends do not mix", async () => {
    const other = reference();
    const [a, b] = [await tensor([1]).to(backend), await tensor([2]).to(other)];
    expect(() => a.add(b)).toThrow(
      /add: one tensor lives on backend "reference", another on "reference".*await tensor\.to\(backend\)/s,
    );
    expect(await (await a.to(other)).add(b).item()).toBe(3);
  });

  it("numbers go where the other operand is", async () => {
    const other = reference();
    const x = await tensor([1, 2]).to(other);
    expect(await x.mul(3).add(1).data()).toEqual(Float32Array.of(4, 7));
    expect(await where(x.less(2), x, 0).data()).toEqual(Float32Array.of(1, 0));
    expect(backend.memory().buffers).toBe(0);
  });

  it("an eager op that throws poisons its result alone", async () => {
    const inner = reference();
    await useBackend({
      ...inner,
      execute(node, inputs) {
        if (node.op.name === "exp") throw new Error("no exp today");
        return inner.execute?.(node, inputs) ?? [];
      },
    });
    const x = tensor([1, 2]);
    const bad = x.exp().add(x);
    await expect(bad.data()).rejects.toThrow("no exp today");
    expect(await x.add(x).data()).toEqual(Float32Array.of(2, 4));
  });

  it("one of another contract version is refused, and the chosen one stays", async () => {
    await expect(useBackend({ ...reference(), name: "old", contractVersion: contractVersion + 1 })).rejects.toThrow(
      /backend "old": it was written for version 2/,
    );
    expect(defaultBackend()).toBe(backend);
  });

  it("a kernel backend refuses buffers that are not its own, or were freed", () => {
    const [one, two] = [reference(), reference()];
    const aval = { shape: [1], dtype: "float32" } as const;
    const buffer = one.upload(new Float32Array(1), aval);
    expect(() => two.free(buffer)).toThrow(/not its own/);
    one.free(buffer);
    expect(() => one.free(buffer)).toThrow(/was freed/);
  });

  it("memory that JavaScript does not have: how much was asked for, and what is live", async () => {
    await useBackend(
      fromKernels<TypedArray>({
        name: "small",
        dtypes,
        // What an array that is too large for JavaScript gives, without asking this machine for one that it may have.
        kernels: { ...references, full: () => [allocate("float32", 2 ** 53)] },
        upload: (data) => data.slice(),
        download: async (data) => data.slice(),
        free: () => {},
      }),
    );
    const source = tensor([1, 2]);
    const x = source.add(0);
    await expect(zeros([1024, 1024]).data()).rejects.toThrow(
      /full: backend "small" is out of memory: 4194304 bytes were asked for \(float32\[1024, 1024\]\), 16 bytes are live in 2 buffers.*memoryReport/,
    );
    expect([...(await x.data()), ...(await source.data())]).toEqual([1, 2, 1, 2]);
  });

  it("memory of the host that JavaScript does not have: how much was asked for", () => {
    expect(() => allocate("float16", 2 ** 53)).toThrow(BackendError);
    expect(() => allocate("float16", 2 ** 53)).toThrow(
      /^host memory: 18014398509481984 bytes were asked for \(9007199254740992 elements of float16\).*Remedy: use a smaller/,
    );
    expect(isOutOfHostMemory(new RangeError("Array buffer allocation failed"))).toBe(true);
    expect(isOutOfHostMemory(new RangeError("Invalid array length"))).toBe(true);
    expect(isOutOfHostMemory(new RangeError("offset is out of bounds"))).toBe(false);
    expect(isOutOfHostMemory(new BackendError("add", "was lost", "open another"))).toBe(false);
  });

  it("uploads copy", async () => {
    const one = reference();
    const data = Float32Array.of(1);
    const buffer = one.upload(data, { shape: [1], dtype: "float32" });
    data[0] = 2;
    expect(await one.download(buffer)).toEqual(Float32Array.of(1));
  });
});
