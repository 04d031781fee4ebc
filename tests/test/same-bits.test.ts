// Deterministic mode: one seed gives the same bits on the calling thread, with others beside it, in workers alone, and without memory that is shared.
import { cpu } from "@stria/backend-cpu";
import { expect, test } from "vitest";
import { CpuBackend } from "../../packages/backend-cpu/src/backend.ts";
import { plainTile } from "../../packages/backend-cpu/src/kernels/tile.ts";
import { Pool } from "../../packages/backend-cpu/src/pool/pool.ts";
import { fingerprint } from "./training-run.ts";

const alone = await fingerprint(cpu({ threads: 1, deterministic: true }));

test.each([
  { threads: 2 },
  { threads: 3 },
  { threads: 8 },
  { threads: 1, worker: true },
  { threads: 3, worker: true },
  { threads: 8, worker: true },
])("%o", async (options) => {
  expect(await fingerprint(cpu({ ...options, deterministic: true }))).toBe(alone);
});

test.each([{ worker: true }, { worker: false }])("memory that is not shared, %o", async ({ worker }) => {
  const pool = await Pool.start({ threads: 1, shared: false, worker });
  expect(await fingerprint(new CpuBackend(pool, plainTile))).toBe(alone);
});
