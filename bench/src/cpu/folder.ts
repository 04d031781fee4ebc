// A folder that is gone afterwards.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function inTemporaryFolder<T>(f: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "stria-bench-"));
  try {
    return await f(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
