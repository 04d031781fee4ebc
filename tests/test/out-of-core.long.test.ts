// A file ten times as large as all the memory that the process holds, its code included.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { imageBytes, writeSparseRecords } from "../src/out-of-core/items.ts";
import { canLimit, limitedRun } from "../src/out-of-core/limited-run.ts";

const limit = 2 ** 28;

it.runIf(canLimit)("2.5 GiB pass through a process of 256 MiB (where Linux's prlimit is there)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stria-out-of-core-"));
  try {
    const path = join(folder, "large.records");
    const count = (10 * limit) / imageBytes;
    expect(writeSparseRecords(path, count)).toBeGreaterThan(10 * limit);
    for (const workers of ["0", "1"]) {
      const ended = await limitedRun(path, 2 ** 26, workers);
      expect(ended?.steps).toBe(count / 16);
      expect(ended?.resident).toBeLessThan(limit);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
