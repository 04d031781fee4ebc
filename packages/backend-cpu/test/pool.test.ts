// Threads: the same bits for any number of them, and a fault in one is the end of the backend, not of the process.
import { afterEach, expect, test } from "vitest";
import { kernelParameters, type Kernel } from "../src/kernels/kernel.ts";
import { record } from "../src/pool/layout.ts";
import { Pool } from "../src/pool/pool.ts";

const pools: Pool[] = [];

function poolOf(threads: number, shared = true): Pool {
  const pool = new Pool(threads, shared);
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

/** A program of `records` calls of one kernel over `units` words. */
function place(
  pool: Pool,
  kernel: Kernel,
  array: number,
  units: number,
  records: number,
): { program: number; records: number; scratchBytes: number } {
  const { arena } = pool;
  const [index = -1] = pool.load([kernel]);
  const program = arena.allocate(records * record.bytes + 4);
  const base = program / 4;
  arena.words.fill(0, base, base + (records * record.bytes) / 4);
  arena.words[base + (records * record.bytes) / 4] = array;
  for (let entry = base; entry < base + (records * record.bytes) / 4; entry += record.bytes / 4) {
    arena.words[entry + record.kernel / 4] = index;
    arena.words[entry + record.arguments / 4] = program + records * record.bytes;
    arena.words[entry + record.units / 4] = units;
    arena.words[entry + record.grain / 4] = 3;
    arena.words[entry + record.chunks / 4] = Math.ceil(units / 3);
  }
  return { program, records, scratchBytes: 64 };
}

test.each([
  [1, false],
  [1, true],
  [2, true],
  [4, true],
])("%i threads, shared %s: every unit of every record is done once", async (threads, shared) => {
  const pool = poolOf(threads, shared);
  const units = 1000;
  const array = pool.arena.allocate(units * 4);
  pool.arena.words.fill(0, array / 4, array / 4 + units);
  for (let round = 1; round <= 20; round++) {
    pool.launch(place(pool, increment(-1), array, units, 10), () => {});
    // Lets workers start, fall asleep and wake.
    if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await pool.settled();
  expect([...new Set(pool.arena.words.slice(array / 4, array / 4 + units))]).toEqual([200]);
});

test("a kernel that traps loses the backend", async () => {
  const pool = poolOf(2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const array = pool.arena.allocate(4000);
  let done = 0;
  expect(() => pool.launch(place(pool, increment(500), array, 1000, 1), () => done++)).toThrow(
    /unreachable|kernel failed/,
  );
  expect(done).toBe(1);
  expect(await pool.lost).toMatch(/kernel failed|thread/);
  await expect(pool.settled()).rejects.toThrow("make a new backend");
});

test("kernels that nobody uses make room, also in the workers", async () => {
  const pool = poolOf(2);
  const array = pool.arena.allocate(64);
  pool.arena.words.fill(0, array / 4, array / 4 + 16);
  for (let turn = 0; turn < 6000; turn++) {
    const kernel = increment(1000 + turn);
    if (turn % 500 === 0) {
      pool.launch(place(pool, kernel, array, 16, 4), () => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
    } else pool.load([kernel]);
    pool.release([kernel]);
  }
  await pool.settled();
  expect(pool.arena.words.slice(array / 4, array / 4 + 16)).toEqual(new Int32Array(16).fill(48));
  // Far fewer places in the table than kernels were made.
  const [last = -1] = pool.load([increment(-2)]);
  expect(last).toBeLessThan(2500);
});
