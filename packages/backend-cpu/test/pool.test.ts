// Threads: the same bits for any number of them, and a fault in one is the end of the backend, not of the process.
import { afterEach, expect, test, vi } from "vitest";
import { kernelParameters, type Kernel } from "../src/kernels/kernel.ts";
import { Fate } from "../src/pool/fate.ts";
import { control, record } from "../src/pool/layout.ts";
import { LocalPlace } from "../src/pool/local-place.ts";
import { Pool, type PoolOptions } from "../src/pool/pool.ts";
import { ModuleBuilder } from "../src/wasm/assembler.ts";

vi.setConfig({ testTimeout: 30_000 }); // threads are slow on a busy machine

const pools: Pool[] = [];

async function poolOf(options: PoolOptions): Promise<Pool> {
  const pool = await Pool.start(options);
  pools.push(pool);
  return pool;
}

afterEach(() => {
  for (const pool of pools.splice(0)) pool.dispose();
});

/** Adds 1 to word `unit` of the array in its first argument word; traps at unit `trap`. */
function increment(trap: number): Kernel {
  return {
    key: `increment ${trap}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const unit = f.local("i32");
        const address = f.local("i32");
        f.get(1).for(
          unit,
          () => f.get(2),
          1,
          () => {
            f.get(unit)
              .i32(trap)
              .op("i32.eq")
              .if(() => f.op("unreachable"));
            f.get(0)
              .memory("i32.load")
              .get(unit)
              .i32(4)
              .op("i32.mul", "i32.add")
              .tee(address)
              .get(address)
              .memory("i32.load")
              .i32(1)
              .op("i32.add")
              .memory("i32.store");
          },
        );
      });
    },
  };
}

interface Calls {
  readonly kernel: number;
  readonly address: number;
  readonly array: number;
  readonly units: number;
  readonly records: number;
}

/** A program of `records` calls of one kernel over `units` words. */
function programWords({ kernel, address, array, units, records }: Calls): Int32Array<ArrayBuffer> {
  const words = new Int32Array((records * record.bytes) / 4 + 1);
  words[words.length - 1] = array;
  for (let entry = 0; entry < words.length - 1; entry += record.bytes / 4) {
    words[entry + record.kernel / 4] = kernel;
    words[entry + record.arguments / 4] = address + records * record.bytes;
    words[entry + record.units / 4] = units;
    words[entry + record.grain / 4] = 3;
    words[entry + record.chunks / 4] = Math.ceil(units / 3);
    words[entry + record.counter / 4] = record.done;
    words[entry + record.due / 4] = Math.ceil(units / 3);
  }
  return words;
}

function launch(pool: Pool, kernel: Kernel, array: number, units: number, records: number, done?: () => void): void {
  const { arena } = pool;
  const [index = -1] = pool.load([kernel]);
  const address = arena.allocate(records * record.bytes + 4);
  const words = programWords({ kernel: index, address, array, units, records });
  const end = Math.max(address + words.byteLength, array + units * 4);
  pool.launch({ words, address, records, scratchBytes: 64, end, needs: [] }, () => {
    arena.free(address);
    done?.();
  });
}

const places: (PoolOptions & { readonly name: string })[] = [
  { name: "the caller", threads: 1, shared: false, worker: false },
  { name: "the caller, over shared memory", threads: 1, shared: true, worker: false },
  { name: "the caller and a worker", threads: 2, shared: true, worker: false },
  { name: "the caller and three workers", threads: 4, shared: true, worker: false },
  { name: "one worker", threads: 1, shared: true, worker: true },
  { name: "three workers", threads: 3, shared: true, worker: true },
  { name: "one worker that owns the memory", threads: 1, shared: false, worker: true },
];

test.each(places)("$name: every unit of every record is done once", async (options) => {
  const pool = await poolOf(options);
  const units = 1000;
  const array = pool.arena.allocate(units * 4);
  pool.write(array, new Int32Array(units));
  for (let round = 1; round <= 20; round++) {
    launch(pool, increment(-1), array, units, 10);
    // Lets workers start, fall asleep and wake.
    if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect([...new Set(await pool.read(array, "int32", units, 0))]).toEqual([200]);
});

test.each(places.filter(({ worker }) => !worker))(
  "$name: a program whose words stay in memory runs again and again, with others or alone",
  async (options) => {
    const pool = await poolOf(options);
    const { arena } = pool;
    const [kernel = -1] = pool.load([increment(-1)]);
    const [units, records] = [1000, 5];
    const array = arena.allocate(units * 4);
    pool.write(array, new Int32Array(units));
    const address = arena.allocate(records * record.bytes + 4);
    const words = programWords({ kernel, address, array, units, records });
    const again = { address, records, scratchBytes: 64, end: 0, needs: [], lasting: { launched: 0 } };
    pool.launch({ ...again, words }, () => {});
    for (let run = 0; run < 10; run++) pool.launch({ ...again, words: undefined }, () => {});
    const notify = vi.spyOn(Atomics, "notify");
    pool.launch({ ...again, words: undefined, alone: true }, () => {});
    expect(notify).not.toHaveBeenCalled();
    pool.launch({ ...again, words: undefined }, () => {});
    expect(notify.mock.calls.length > 0).toBe(options.threads > 1);
    notify.mockRestore();
    expect([...new Set(await pool.read(array, "int32", units, 0))]).toEqual([65]);
  },
);

test("nobody waits for a worker that is held up when all is done, before its words are needed again", async () => {
  const place = new LocalPlace({ threads: 2, shared: true, inline: true }, new Fate());
  const { arena, memory } = place;
  const module = new ModuleBuilder({ shared: true });
  increment(-1).emit(module, "0");
  place.publish(module.encode());
  await place.begin();
  const [units, records] = [100, 2];
  const array = arena.allocate(units * 4);
  place.write(array, new Int32Array(units));
  const runs = [0, 1].map(() => {
    const address = arena.allocate(records * record.bytes + 4);
    const words = programWords({ kernel: 0, address, array, units, records });
    const scratch = arena.allocate(256);
    return {
      words,
      address,
      records,
      alone: false,
      lasting: { launched: 0 },
      scratch,
      scratchStride: 64,
      end: 0,
      needs: [],
    };
  });
  Atomics.add(memory.words, control.active, 1); // as if one were inside, and did not get on
  for (const run of runs) place.run(run, () => {});
  const wait = vi.spyOn(Atomics, "wait").mockImplementationOnce(() => {
    Atomics.sub(memory.words, control.active, 1);
    return "ok";
  });
  for (const run of runs) place.run(run, () => {});
  expect(wait).toHaveBeenCalled();
  wait.mockRestore();
  place.waitUntilIdle();
  expect([...new Set(await place.read(array, "int32", units))]).toEqual([8]);
  place.stop();
});

test("where one thread does it all, modules do not gather for those that sleep", async () => {
  const place = new LocalPlace({ threads: 2, shared: true, inline: true }, new Fate());
  const { arena, memory } = place;
  const address = arena.allocate(64);
  const scratch = arena.allocate(128);
  const nothing = { words: new Int32Array(0), address, records: 0, alone: true, lasting: undefined, end: 0, needs: [] };
  for (let turn = 0; turn < 600; turn++) {
    const module = new ModuleBuilder({ shared: true });
    increment(turn).emit(module, String(turn % 100));
    place.publish(module.encode());
    place.run({ ...nothing, scratch, scratchStride: 64 }, () => {});
    if (turn % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 10)); // a worker starts, and loads
  }
  await vi.waitFor(() => expect(Atomics.load(memory.words, control.loaded + 1)).toBeGreaterThan(256), 20_000);
  place.stop();
});

test("a kernel that traps loses the backend", async () => {
  const pool = await poolOf({ threads: 2, shared: true, worker: false });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const array = pool.arena.allocate(4000);
  let done = 0;
  expect(() => launch(pool, increment(500), array, 1000, 1, () => done++)).toThrow(/unreachable|kernel failed/);
  expect(done).toBe(1);
  expect(await pool.lost).toMatch(/kernel failed|thread/);
  await expect(pool.read(array, "int32", 1, 0)).rejects.toThrow("make a new backend");
});

test.each(places.filter(({ worker }) => worker))("$name: a kernel that traps rejects reads", async (options) => {
  const pool = await poolOf(options);
  const array = pool.arena.allocate(4000);
  launch(pool, increment(500), array, 1000, 1);
  await expect(pool.read(array, "int32", 1, 0)).rejects.toThrow(/kernel failed|unreachable/);
  expect(await pool.lost).toMatch(/kernel failed|unreachable/);
  await expect(pool.read(array, "int32", 1, 0)).rejects.toThrow("make a new backend");
});

test.each(places.filter(({ threads, worker }) => worker || threads === 2))(
  "$name: kernels that nobody uses make room, also in the workers",
  async (options) => {
    const pool = await poolOf(options);
    const array = pool.arena.allocate(64);
    pool.write(array, new Int32Array(16));
    for (let turn = 0; turn < 6000; turn++) {
      const kernel = increment(1000 + turn);
      if (turn % 500 === 0) {
        launch(pool, kernel, array, 16, 4);
        await pool.read(array, "int32", 1, 0);
        await new Promise((resolve) => setTimeout(resolve, 5));
      } else pool.load([kernel]);
      pool.release([kernel]);
    }
    expect(await pool.read(array, "int32", 16, 0)).toEqual(new Int32Array(16).fill(48));
    // Far fewer places in the table than kernels were made.
    const [last = -1] = pool.load([increment(-2)]);
    expect(last).toBeLessThan(2500);
  },
);
