// What holds on any page, whether it is cross-origin isolated or not.
import type { Backend } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { expect, test } from "vitest";
import { cpu } from "../../src/index.ts";
import { disagreement, runNode, specOf } from "./agree.ts";
import { Random } from "./random.ts";

const vector = { shape: [10_000], dtype: "float32" } as const;

/** What is wrong with a backend's answers, also when the worker is many programs behind. */
async function faults(backend: Backend): Promise<string[]> {
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const x = random.value([2, 4, 9, 11]);
    const attrs = {
      stride: [random.integer(1, 2), 1],
      dilation: [1, random.integer(1, 2)],
      padding: [[1, 1] as const, [0, 2] as const],
      groups: 2,
    };
    differences.push(await disagreement(backend, "conv", [x, random.value([6, 2, 3, 3])], attrs, { ofLargest: 3e-6 }));
    differences.push(
      await disagreement(backend, "exp", [random.value([3001], "float32", "special")], {}, { relative: 2.4e-7 }),
    );
  }
  // Enqueued one after the other without waiting; memory is given back only when the last is done.
  const { add } = allOps;
  if (!add) throw new Error("there is no op add");
  const node = { op: add, attrs: {}, inputs: [vector, vector], outputs: [vector] };
  let value = backend.upload(new Float32Array(10_000).fill(1), vector);
  for (let step = 0; step < 50; step++) {
    const [next = value] = backend.execute?.(node, [value, value]) ?? [];
    backend.free(value);
    value = next;
  }
  if ((await backend.download(value))[9999] !== 2 ** 50) differences.push("50 times the double of 1");
  backend.free(value);
  if (backend.memory().buffers > 0) differences.push("a buffer is left");
  return differences.filter((words) => words !== undefined);
}

/** Workers that a function starts. */
async function workersOf(act: () => Promise<unknown>): Promise<Worker[]> {
  const { Worker: Original } = globalThis;
  const started: Worker[] = [];
  globalThis.Worker = class extends Original {
    constructor(...given: ConstructorParameters<typeof Original>) {
      super(...given);
      started.push(this);
    }
  };
  try {
    await act();
  } finally {
    globalThis.Worker = Original;
  }
  return started;
}

/** Runs a module in a frame of this page that has a content security policy; returns what it posts. */
async function underPolicy(policy: string, options: string): Promise<unknown> {
  const frame = document.createElement("iframe");
  const index = new URL("../../src/index.ts", import.meta.url).href;
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}"><script type="module">
    import { cpu } from ${JSON.stringify(index)};
    try {
      const backend = await cpu(${options});
      const buffer = backend.upload(Float32Array.of(1, 2), { shape: [2], dtype: "float32" });
      parent.postMessage({ policy: [...await backend.download(buffer)].join() });
    } catch (error) {
      parent.postMessage({ policy: error.message });
    }
  </script>`;
  const answer = new Promise<unknown>((resolve) => {
    const listen = ({ data }: MessageEvent<unknown>): void => {
      if (typeof data !== "object" || data === null || !("policy" in data)) return;
      removeEventListener("message", listen);
      resolve(data.policy);
    };
    addEventListener("message", listen);
  });
  document.body.append(frame);
  try {
    return await answer;
  } finally {
    frame.remove();
  }
}

/** Declares the tests. */
export function testPage(isolated: boolean): void {
  test("the page is what this file is about", () => expect(globalThis.crossOriginIsolated).toBe(isolated));

  test.each([
    { threads: 1 },
    { threads: 2 },
    { worker: false },
    { threads: 2, deterministic: true },
    { threads: 1, tune: true },
  ])("%o computes", async (options) => {
    const backend = await cpu(options);
    expect(await faults(backend)).toEqual([]);
    backend.dispose();
  });

  test("deterministic: the same bits from workers and from the page's own thread", async () => {
    const random = new Random(9);
    const inputs = [random.value([3, 7, 19, 23]), random.value([13, 7, 3, 3])];
    const attrs = { stride: [1, 2], dilation: [1, 1], padding: [[1, 1] as const, [0, 2] as const], groups: 1 };
    const results = [];
    for (const options of [{ threads: 1 }, { threads: 2 }, { worker: false }]) {
      const backend = await cpu({ ...options, deterministic: true });
      results.push(...(await runNode(backend, specOf("conv", inputs, attrs), inputs)));
      backend.dispose();
    }
    expect(results).toHaveLength(3);
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("inside a worker of the page: that thread computes, with others beside it where memory can be shared", async () => {
    const worker = new Worker(new URL("./in-worker.ts", import.meta.url), { type: "module" });
    const answer = await new Promise<unknown>((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => resolve(data), { once: true });
      worker.addEventListener("error", (event) => reject(new Error(event.message)), { once: true });
    });
    worker.terminate();
    expect(answer).toEqual({ isolated, workers: isolated ? [0, 1] : [0, 0], sums: [2000, 2000] });
  });

  test("a worker that is killed: every read rejects, and the backend is lost", async () => {
    let made: Backend | undefined;
    const started = await workersOf(async () => (made = await cpu({ threads: 1, deterministic: true })));
    if (!made) throw new Error("no backend");
    const backend = made;
    expect(started).toHaveLength(1);
    const node = specOf("matmul", [matrix, matrix], { transposeA: false, transposeB: false });
    const buffer = backend.upload(matrix.data, matrix.aval);
    const compute = async (): Promise<never> => {
      for (;;) {
        const [product] = backend.execute?.(node, [buffer, buffer]) ?? [];
        if (!product) throw new Error("no product");
        await backend.download(product);
        backend.free(product);
      }
    };
    const readers = [compute(), compute(), compute()];
    started[0]?.terminate(); // a browser lets it work on for a while
    for (const outcome of await Promise.allSettled(readers))
      expect(String(outcome.status === "rejected" && outcome.reason)).toMatch(
        /a worker thread has ended.*make a new backend/,
      );
    expect((await backend.lost).reason).toBe("a worker thread has ended");
    await expect(backend.download(buffer)).rejects.toThrow("a worker thread has ended");
    const second = await cpu({ threads: 2, deterministic: true });
    expect(await faults(second)).toEqual([]);
    second.dispose();
    backend.dispose();
  });

  test("a page that forbids workers made from text is told what to allow, and may compute itself", async () => {
    const policy = "script-src * 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'";
    expect(await underPolicy(policy, "{ threads: 2 }")).toMatch(
      /a worker could not be started.*worker-src blob:.*cpu\(\{ worker: false, threads: 1 \}\)/,
    );
    expect(await underPolicy(policy, "{ worker: false }")).toBe("1,2");
    expect(await underPolicy(policy.replace("'none'", "blob:"), "{ threads: 2 }")).toBe("1,2");
  });

  test("a page that forbids WebAssembly is told what to allow", async () => {
    const policy = "script-src * 'unsafe-inline' blob:";
    for (const options of ["{ threads: 2 }", "{ worker: false }", "{ threads: 2, deterministic: true }"])
      expect(await underPolicy(policy, options)).toMatch(/script-src 'wasm-unsafe-eval'/);
  });
}

const matrix = {
  aval: { shape: [600, 600], dtype: "float32" },
  data: new Float32Array(360_000).fill(1),
} as const;
