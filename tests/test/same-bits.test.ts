// Deterministic mode: one seed gives the same bits on the calling thread, with others beside it, and in workers alone.
import { cpu } from "@stria/backend-cpu";
import { expect, test } from "vitest";
import { fingerprint } from "./training-run.ts";

const alone = await fingerprint(cpu({ threads: 1, deterministic: true }));

test.each([{ threads: 2 }, { threads: 3 }, { threads: 1, worker: true }, { threads: 3, worker: true }])(
  "%o",
  async (options) => {
    expect(await fingerprint(cpu({ ...options, deterministic: true }))).toBe(alone);
  },
);
