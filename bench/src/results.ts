// The file of a run's results: replaced as a whole whenever there are more, so that a run which ends early leaves what it had.
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import type { LeftOut, Outcome, Row } from "./row.ts";

/** What stands above the rows. */
export interface Heading {
  readonly suite: string;
  /** Processor, cores, Node. */
  readonly machine: string;
  readonly threads: number | readonly number[];
}

/** A file as it was written. */
export interface Results extends Heading {
  /** Year, month, day. */
  readonly date: string;
  readonly rows: readonly Row[];
  readonly left?: readonly LeftOut[];
}

function isResults(value: unknown): value is Results {
  return (
    typeof value === "object" && value !== null && "suite" in value && "rows" in value && Array.isArray(value.rows)
  );
}

/** @throws TypeError for a file that is none of the suite. */
export async function readResults(file: string, suite: string): Promise<Results> {
  const written: unknown = JSON.parse(await readFile(file, "utf8"));
  if (!isResults(written) || written.suite !== suite)
    throw new TypeError(`${file} is no report of \`npm run bench -- ${suite} --json FILE\``);
  return written;
}

/** Writes all of them; who reads meanwhile sees the file of before. */
export async function writeResults(file: string, heading: Heading, { rows, left }: Outcome): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const results: Results = { ...heading, date, rows, ...(left.length > 0 && { left }) };
  await writeFile(`${file}.part`, `${JSON.stringify(results, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

/**
 * What an earlier run left in a file, nothing where there is none.
 * @throws RangeError where that was on another machine or other numbers of threads: rows of one table are compared.
 */
export async function resultsBefore(file: string, { suite, machine, threads }: Heading): Promise<Outcome> {
  if (!existsSync(file)) return { rows: [], left: [] };
  const { rows, left = [], ...was } = await readResults(file, suite);
  if (was.machine !== machine || String(was.threads) !== String(threads))
    throw new RangeError(
      `${file} is of ${was.machine}, threads ${String(was.threads)}, this run of ${machine}, threads ${String(threads)}: write to another file`,
    );
  return { rows, left };
}
