// Runs every case of every golden file below a folder, one after the other.
import type { CpuOptions } from "@stria/backend-cpu";
import { type BackendName, openBackend, slackOf } from "./backends.ts";
import { type GoldenFile, goldenFiles, readGolden } from "./files.ts";
import { type PendingCase, pendingCases } from "./kinds.ts";
import { type CaseResult, describeError, failed } from "./outcome.ts";
import { knownGaps } from "./unsupported-list.ts";

export interface RunOptions {
  readonly backend: BackendName;
  /** Keeps cases whose file path or id contains this text. */
  readonly filter?: string | undefined;
  /** How the CPU backend computes, where it is the one. */
  readonly options?: CpuOptions | undefined;
}

/** Cases of a file that the filter keeps. */
function kept(file: GoldenFile, cases: readonly PendingCase[], filter: string | undefined): readonly PendingCase[] {
  return filter === undefined || file.name.includes(filter) ? cases : cases.filter(({ id }) => id.includes(filter));
}

/** Results in the order of the files. */
export async function* runGoldens(
  folder: string,
  { backend, filter, options }: RunOptions,
): AsyncGenerator<CaseResult> {
  const context = { slack: slackOf(backend), gaps: knownGaps(backend) };
  const device = await openBackend(backend, options);
  try {
    for (const file of goldenFiles(folder)) {
      let cases: readonly PendingCase[];
      try {
        cases = pendingCases(file, readGolden(file), context);
      } catch (error) {
        if (filter === undefined || file.name.includes(filter))
          yield { file: file.name, id: file.name, outcome: failed(describeError(error)) };
        continue;
      }
      for (const pending of kept(file, cases, filter))
        yield { file: file.name, id: pending.id, outcome: await pending.run() };
    }
  } finally {
    device.dispose();
  }
}
