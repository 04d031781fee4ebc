// A report of `npm run bench -- cpu --json FILE` as it was written, with its rows by part, case and contestant.
import { readResults } from "../results.ts";
import type { LeftOut, Row } from "../row.ts";

/** Rows of one case by contestant: `stria, 1 thread`, `PyTorch, 1 thread`. */
type Case = ReadonlyMap<string, Row>;

export interface Report {
  readonly machine: string;
  /** Year, month, day. */
  readonly date: string;
  /** Cases in the order in which they ran, by part and name; means as `geometric mean` and `least`. */
  readonly parts: ReadonlyMap<string, ReadonlyMap<string, Case>>;
  /** Who has no figures, and why. */
  readonly left: readonly LeftOut[];
}

/** @throws TypeError for a file that is no report of the suite `cpu`. */
export async function readReport(file: string): Promise<Report> {
  const { rows: written, machine, date, left = [] } = await readResults(file, "cpu");
  const parts = new Map<string, Map<string, Map<string, Row>>>();
  for (const row of written) {
    const [subject = "", contestant = ""] = row.name.split(": ");
    const name = subject.startsWith(`${row.part}, `) ? subject.slice(`${row.part}, `.length) : subject;
    const cases = parts.get(row.part ?? "") ?? new Map<string, Map<string, Row>>();
    const rows = cases.get(name) ?? new Map<string, Row>();
    parts.set(row.part ?? "", cases.set(name, rows.set(contestant, row)));
  }
  return { machine, date, parts, left };
}
