// Golden files as tests, one for each case.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BackendName, slackOf } from "../src/golden/backends.ts";
import { readGolden } from "../src/golden/files.ts";
import { pendingCases } from "../src/golden/kinds.ts";
import { failureLine } from "../src/golden/report.ts";
import { largeGoldens, ownGoldens } from "../src/setting.ts";

/** Where a golden file is: with the project, or beside it. */
export function goldenPath(file: string): string | undefined {
  return [ownGoldens, largeGoldens() ?? ""].map((folder) => join(folder, file)).find((path) => existsSync(path));
}

/** What the default backend gets wrong of a golden file, its name without an ending: a line for each case that misses or has no answer. There are cases. */
export async function missesOfGolden(name: string, kind: "ops" | "models" = "ops"): Promise<string[]> {
  const file = `${name}.json`;
  const path = goldenPath(file);
  if (path === undefined) throw new Error(`there is no ${file}`);
  const golden = { name: file, path, kind };
  const cases = pendingCases(golden, readGolden(golden), { slack: 1, gaps: [] });
  if (cases.length === 0) throw new Error(`there is no case in ${file}`);
  const misses: string[] = [];
  for (const { id, run } of cases) {
    const outcome = await run();
    const line = failureLine({ file, id, outcome });
    if (line !== undefined) misses.push(line);
    if (outcome.status === "unsupported") misses.push(`no answer  ${file}  ${id}: ${outcome.what}`);
  }
  return misses;
}

/**
 * Declares a test for each case of a file, or of those whose name `only` takes; without the file, one line says that it is left out. `mayLack`
 * is what a case may want that is left out then.
 */
export function testGoldenFile(
  backend: BackendName,
  file: string,
  { mayLack, only = () => true }: { readonly mayLack?: string; readonly only?: (id: string) => boolean } = {},
): void {
  const path = goldenPath(file);
  if (path === undefined) {
    process.stdout.write(`${file} is left out on ${backend}: it is not here.\n`);
    return;
  }
  const golden = { name: file, path, kind: "models" };
  const cases = pendingCases(golden, readGolden(golden), { slack: slackOf(backend), gaps: [] });
  const chosen = cases.filter(({ id }) => only(id));
  test.for(chosen.map((pending) => [pending.id, pending] as const))(
    "%s",
    { timeout: 900_000 },
    async ([id, { run }], { skip }) => {
      const outcome = await run();
      if (outcome.status === "unsupported" && mayLack !== undefined && outcome.what.includes(mayLack))
        skip(outcome.what);
      expect([failureLine({ file, id, outcome })].filter((line) => line !== undefined)).toEqual([]);
      expect(outcome.status).toBe("passed");
    },
  );
}
