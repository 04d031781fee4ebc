// Runs projects of vitest quietly and counts its tests.
import { join } from "node:path";
import { CommandError, command, root } from "../command.ts";
import type { Counts } from "../steps.ts";

/** The closing line of plain-reporter.ts. */
const closing = /^(?<passed>\d+) passed, (?<failed>\d+) failed(?:, (?<skipped>\d+) skipped)?$/m;

export interface Selection {
  /** Only the tests in these folders; all where none is named. */
  readonly only?: readonly string[];
  readonly coverage?: boolean;
}

/** Runs the tests of `projects`; the result carries vitest's own report when one of them failed, or too few lines were reached. */
export async function vitest(
  projects: readonly string[],
  { only = [], coverage = false }: Selection = {},
): Promise<Counts> {
  const named = projects.flatMap((project) => ["--project", project]);
  const args = ["run", ...named, "--passWithNoTests", ...(coverage ? ["--coverage"] : []), ...only];
  try {
    const { passed, skipped } = count(await command(join(root, "node_modules", ".bin", "vitest"), args));
    return { passed, failed: 0, ...(skipped > 0 && { note: `${skipped} skipped` }) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { passed, failed } = count(error.output);
    return { passed, failed: Math.max(failed, 1), output: error.output.replace(closing, "") };
  }
}

function count(output: string): { passed: number; failed: number; skipped: number } {
  const groups = closing.exec(output)?.groups;
  return {
    passed: Number(groups?.["passed"] ?? 0),
    failed: Number(groups?.["failed"] ?? 0),
    skipped: Number(groups?.["skipped"] ?? 0),
  };
}
