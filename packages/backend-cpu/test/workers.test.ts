// Workers that die, and what stays usable: nothing hangs, every reader hears of it, other backends go on.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { type Backend, fromHost, useBackend } from "@stria/core";
import { afterEach, expect, test, vi } from "vitest";
import { kernelParameters, type Kernel } from "../src/kernels/kernel.ts";
import { cpu } from "../src/index.ts";
import { record } from "../src/pool/layout.ts";
import { Pool, type PoolOptions } from "../src/pool/pool.ts";

vi.setConfig({ testTimeout: 30_000 }); // processes and threads start slowly on a busy machine

const threads = process.getBuiltinModule("node:worker_threads");
const { Worker: Original } = threads;
const started: Worker[] = [];

threads.Worker = class extends Original {
  constructor(...given: ConstructorParameters<typeof Original>) {
    super(...given);
    started.push(this);
  }
};

afterEach(() => started.splice(0));

const vector = { shape: [3], dtype: "float32" } as const;

/** Work that is worth dividing: it starts the workers where nothing has before. */
async function work(backend: Backend): Promise<void> {
  await useBackend(backend);
  const x = fromHost(new Float32Array(90_000).fill(1), [300, 300], "float32");
  expect(await x.matmul(x).sum().item()).toBe(27_000_000);
}

/** Never ends. */
const endless: Kernel = {
  key: "endless",
  emit: (module, name) => void module.function(name, kernelParameters, [], (f) => f.loop(() => f.branch(0))),
};

function launch(pool: Pool, kernel: Kernel): void {
  const [index = -1] = pool.load([kernel]);
  const words = new Int32Array(record.bytes / 4);
  const address = pool.arena.allocate(words.byteLength);
  words[record.kernel / 4] = index;
  for (const field of [record.units, record.grain, record.chunks, record.due]) words[field / 4] = 1;
  words[record.counter / 4] = record.done;
  pool.launch({ words, address, records: 1, scratchBytes: 64, end: address + 64, needs: [] }, () => {});
}

const elsewhere: [string, PoolOptions][] = [
  ["two workers", { threads: 2, shared: true, worker: true }],
  ["one worker that owns the memory", { threads: 1, shared: false, worker: true }],
];

test.each(elsewhere)("%s: one that dies in a program rejects all that wait", async (_, options) => {
  const pool = await Pool.start(options);
  const address = pool.arena.allocate(64);
  launch(pool, endless);
  const reads = [0, 1, 2].map(() => pool.read(address, "int32", 4, 0));
  await started[0]?.terminate();
  for (const read of await Promise.allSettled(reads))
    expect(String(read.status === "rejected" ? read.reason : read.value)).toMatch(
      /a worker thread ended.*make a new backend with cpu\(\)/,
    );
  expect(await pool.lost).toContain("a worker thread ended");
  expect(() => launch(pool, endless)).toThrow("ended");
  await expect(pool.read(address, "int32", 4, 0)).rejects.toThrow("ended");
  pool.dispose();
});

test("one that dies while nothing runs: lost, and what is on its way is told", async () => {
  for (const worker of [false, true]) {
    const backend = await cpu({ threads: 2, worker });
    await work(backend);
    const buffer = backend.upload(Float32Array.of(1, 2, 3), vector);
    expect(await backend.download(buffer)).toEqual(Float32Array.of(1, 2, 3));
    await started.splice(0).at(-1)?.terminate();
    expect((await backend.lost).reason).toContain("a worker thread ended");
    await expect(backend.download(buffer)).rejects.toThrow("a worker thread ended");
    // Another one is none the worse for it.
    const second = await cpu({ threads: 2, worker });
    expect(await second.download(second.upload(Float32Array.of(4, 5, 6), vector))).toEqual(Float32Array.of(4, 5, 6));
    second.dispose();
    backend.dispose();
  }
});

test("an error in a worker's script: lost, with its words", async () => {
  const pool = await Pool.start({ threads: 1, shared: false, worker: true });
  const address = pool.arena.allocate(64);
  started[0]?.postMessage({ kind: "nonsense" });
  await expect(pool.read(address, "int32", 4, 0)).rejects.toThrow(/a worker thread failed: .*not a function/);
  expect(await pool.lost).toContain("not a function");
  pool.dispose();
});

test("workers that cannot be started are an error that says what to allow", async () => {
  const working = threads.Worker;
  try {
    threads.Worker = class extends Original {
      constructor() {
        super(new URL("data:text/javascript,throw new Error('refused by the test')"));
      }
    };
    await expect(cpu({ threads: 2, worker: true })).rejects.toThrow(
      /a worker could not be started: .*refused by the test.*worker-src blob:.*cpu\(\{ worker: false, threads: 1 \}\)/,
    );
    threads.Worker = class extends Original {
      constructor() {
        super(new URL("data:text/javascript,"));
        throw new Error("not permitted");
      }
    };
    await expect(work(await cpu({ threads: 2 }))).rejects.toThrow("a worker could not be started: not permitted");
  } finally {
    threads.Worker = working;
  }
});

test("workers that do not start in time are given up, and ended", async () => {
  const working = threads.Worker;
  try {
    threads.Worker = class extends Original {
      constructor() {
        super(new URL("data:text/javascript,setInterval(() => {}, 1e6)"));
        started.push(this);
      }
    };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const made = Promise.allSettled([cpu({ threads: 2, worker: true, deterministic: true })]);
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toHaveLength(2);
    const ended = Promise.all(started.map((worker) => new Promise((resolve) => worker.once("exit", resolve))));
    await vi.advanceTimersByTimeAsync(60_000);
    const [outcome] = await made;
    expect(String(outcome.status === "rejected" && outcome.reason)).toContain("did not start within a minute");
    await ended;
  } finally {
    vi.useRealTimers();
    threads.Worker = working;
  }
});

test("dispose ends the workers; what waits is told", async () => {
  for (const worker of [false, true]) {
    const backend = await cpu({ threads: 3, worker });
    expect(started).toHaveLength(worker ? 3 : 0); // a caller that computes starts them with the first work that they can help with
    await work(backend);
    const mine = started.splice(0);
    expect(mine).toHaveLength(worker ? 3 : 2);
    const ended = Promise.all(mine.map((one) => new Promise((resolve) => one.once("exit", resolve))));
    const buffer = backend.upload(Float32Array.of(1, 2, 3), vector);
    backend.dispose();
    await ended;
    await expect(backend.download(buffer)).rejects.toThrow("the backend was disposed of");
  }
});

test.each([
  ["the caller and a worker", "{ threads: 2 }"],
  ["two workers", "{ threads: 2, worker: true }"],
])("%s: a process computes to its end, and then ends by itself", (_, options) => {
  const index = fileURLToPath(new URL("../src/index.ts", import.meta.url));
  const program = `
    import { fromHost, useBackend } from "@stria/core";
    import { cpu } from ${JSON.stringify(index)};
    await useBackend(cpu(${options}));
    const x = fromHost(new Float32Array(90000).fill(1), [300, 300], "float32");
    console.log((await x.matmul(x).sum().item()));`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=@stria/source", "--no-warnings", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8", timeout: 250_000 },
  );
  expect(output).toBe("27000000\n");
});
