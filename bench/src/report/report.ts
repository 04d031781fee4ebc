// A report of `npm run bench -- cpu --json FILE` as it was written, with its rows by part, case and contestant.
import { readFile } from "node:fs/promises";
import type { Row } from "../row.ts";

/** Rows of one case by contestant: `stria, 1 thread`, `PyTorch, 1 thread`. */
type Case = ReadonlyMap<string, Row>;

export interface Report {
  readonly machine: string;
  /** Year, month, day. */
  readonly date: string;
  /** Cases in the order in which they ran, by part and name; means as `geometric mean` and `least`. */
  readonly parts: ReadonlyMap<string, ReadonlyMap<string, Case>>;
}

interface Written {
  readonly suite: string;
  readonly machine: string;
  readonly date: string;
  readonly rows: readonly Row[];
}

function isWritten(value: unknown): value is Written {
  return (
    typeof value === "object" && value !== null && "suite" in value && "rows" in value && Array.isArray(value.rows)
  );
}

/** @throws TypeError for a file that is no report of the suite `cpu`. */
export async function readReport(file: string): Promise<Report> {
  const written: unknown = JSON.parse(await readFile(file, "utf8"));
  if (!isWritten(written) || written.suite !== "cpu")
    throw new TypeError(`${file} is no report of \`npm run bench -- cpu --json FILE\``);
  const parts = new Map<string, Map<string, Map<string, Row>>>();
  for (const row of written.rows) {
    const [subject = "", contestant = ""] = row.name.split(": ");
    const name = subject.startsWith(`${row.part}, `) ? subject.slice(`${row.part}, `.length) : subject;
    const cases = parts.get(row.part ?? "") ?? new Map<string, Map<string, Row>>();
    const rows = cases.get(name) ?? new Map<string, Row>();
    parts.set(row.part ?? "", cases.set(name, rows.set(contestant, row)));
  }
  return { machine: written.machine, date: written.date, parts };
}
