// Data that do not fit: a process with a limit of memory trains on a file ten times as large.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { imageBytes, writeSparseRecords } from "../src/out-of-core/items.ts";
import { canLimit, limitedRun } from "../src/out-of-core/limited-run.ts";

const folder = mkdtempSync(join(tmpdir(), "stria-out-of-core-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const more = 2 ** 26;
const count = (10 * more) / imageBytes;

describe.runIf(canLimit)(
  "a process that may take 64 MiB more than it began with (where Linux's prlimit is there)",
  () => {
    const path = join(folder, "large.records");

    it("trains on 640 MiB, read by a worker", async () => {
      expect(writeSparseRecords(path, count)).toBeGreaterThan(10 * more);
      const ended = await limitedRun(path, more, "1");
      expect(ended?.steps).toBe(count / 16);
      expect(ended?.last).toBeLessThan(0.5 * (ended?.first ?? Number.NaN));
    });

    it("ends before that where it keeps what it read, so that the limit is one", async () => {
      writeSparseRecords(path, count);
      expect(await limitedRun(path, more, "0", "keep")).toBeUndefined();
    });
  },
);
