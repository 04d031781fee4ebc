// What can go wrong with a device: late errors, loss, sizes, leaks, and what is left on globalThis.
import { BackendError, type Backend, at } from "@stria/core";
import { webgpu } from "@stria/backend-webgpu";
import { afterAll, describe, expect, it } from "vitest";
import { create } from "webgpu";
import { nodeOf } from "./support/case.ts";
import { openOrReason } from "./support/device.ts";
import { openRuntime } from "./support/runtime.ts";

const opened = await openOrReason();
const backend = "backend" in opened ? opened.backend : undefined;
const why = "reason" in opened ? ` (skipped: ${opened.reason})` : "";
afterAll(() => backend?.dispose());

const row = { shape: [4], dtype: "float32" } as const;
const numbers = Float32Array.of(1, 2, 3, 4);

function twice(on: Backend, buffer: ReturnType<Backend["upload"]>): ReturnType<Backend["upload"]> {
  const add = nodeOf({
    op: "add",
    inputs: [
      { ...row, data: [] },
      { ...row, data: [] },
    ],
    attrs: {},
    expected: [{ ...row, data: [] }],
  });
  return at(on.execute?.(add, [buffer, buffer]) ?? [], 0);
}

describe.skipIf(!backend)(`a device${why}`, () => {
  it("copies what it is given before upload returns", async () => {
    if (!backend) return;
    const data = numbers.slice();
    const buffer = backend.upload(data, row);
    data.fill(9);
    expect([...(await backend.download(buffer))]).toEqual([1, 2, 3, 4]);
    backend.free(buffer);
  });

  it("keeps its memory over thousands of ops", async () => {
    const { runtime, device } = await openRuntime();
    const { kernelTable } = await import("../src/kernels/table.ts");
    const kernels = kernelTable(runtime);
    const node = nodeOf({
      op: "add",
      inputs: [
        { ...row, data: [] },
        { ...row, data: [] },
      ],
      attrs: {},
      expected: [{ ...row, data: [] }],
    });
    const pools: number[] = [];
    let value = runtime.upload(numbers, row);
    for (let step = 0; step < 3000; step++) {
      const fresh = runtime.upload(numbers, row);
      const sum = at(kernels.add([fresh, value], node), 0);
      const half = at(kernels.minimum([sum, fresh], node), 0);
      for (const tensor of [value, fresh, sum]) runtime.free(tensor);
      value = half;
      if (step % 1000 === 999) {
        await runtime.download(value);
        pools.push(runtime.pool().allocated);
      }
    }
    expect(pools).toEqual(pools.map(() => pools[0]));
    runtime.free(value);
    expect(runtime.pool().used).toBe(0);
    device.destroy();
  });

  it("rejects the download of what a broken program should have filled, and of what was computed from it, and of nothing else", async () => {
    const { runtime, device } = await openRuntime();
    const before = runtime.upload(numbers, row);
    expect([...(await runtime.download(before))]).toEqual([1, 2, 3, 4]);
    const broken = runtime.allocate(row, [before]);
    runtime.run(
      { key: "broken", inputs: ["x"], uniforms: [], main: "result[index] = no_such_thing(x[index]);" },
      [before],
      broken,
      4,
      [],
    );
    await device.queue.onSubmittedWorkDone();
    const derived = runtime.allocate(row, [broken]);
    await expect(runtime.download(broken)).rejects.toThrow(/no_such_thing/);
    await expect(runtime.download(derived)).rejects.toThrow(BackendError);
    expect([...(await runtime.download(before))]).toEqual([1, 2, 3, 4]);
    expect([...(await runtime.download(runtime.upload(numbers, row)))]).toEqual([1, 2, 3, 4]);
    device.destroy();
  });

  it("reaches every element where threads need more than one dimension of workgroups", async () => {
    if (!backend) return;
    const long = { shape: [4_500_001], dtype: "int32" } as const;
    const attrs = { shape: long.shape, axis: 0, dtype: "int32" } as const;
    const node = nodeOf({ op: "iota", inputs: [], attrs, expected: [{ ...long, data: [] }] });
    const output = at(backend.execute?.(node, []) ?? [], 0);
    const numbered = await backend.download(output);
    expect(numbered.findIndex((number, index) => number !== index)).toBe(-1);
    backend.free(output);
  });

  it("says which tensor is too large", () => {
    const huge = { shape: [1024, 1024, 64], dtype: "float32" } as const;
    const node = {
      ...nodeOf({ op: "full", inputs: [], attrs: { shape: huge.shape, value: 0, dtype: "float32" }, expected: [] }),
      outputs: [huge],
    };
    expect(() => backend?.execute?.(node, [])).toThrow(/float32\[1024, 1024, 64\].*at most/);
  });

  it("resolves lost, and rejects downloads, when the device goes", async () => {
    const { device } = await openRuntime();
    const shared = await webgpu({ device });
    const sum = twice(shared, shared.upload(numbers, row));
    device.destroy();
    expect((await shared.lost).reason).toMatch(/lost/);
    await expect(shared.download(sum)).rejects.toThrow(BackendError);
    shared.dispose();
  });

  it("leaves a device that it was given alive", async () => {
    const { device } = await openRuntime();
    const shared = await webgpu({ device });
    shared.dispose();
    const still = await Promise.race([
      device.lost.then(() => false),
      device.queue.onSubmittedWorkDone().then(() => true),
    ]);
    expect(still).toBe(true);
    device.destroy();
  });

  it("asks the GPU that it is given", async () => {
    const own = await webgpu({ gpu: create([]) });
    const sum = twice(own, own.upload(numbers, row));
    expect([...(await own.download(sum))]).toEqual([2, 4, 6, 8]);
    own.dispose();
  });

  it("leaves no navigator.gpu behind in Node", () => {
    expect("gpu" in navigator).toBe(false);
  });
});

it("explains that there is no adapter", async () => {
  const none: unknown = { requestAdapter: () => Promise.resolve(null) };
  await expect(Reflect.apply(webgpu, undefined, [{ gpu: none }])).rejects.toThrow(/no GPU adapter was found.*Remedy/);
});
