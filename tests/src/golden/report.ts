// What a run says: failures one by one, gaps once each, and the sum.
import type { CaseResult } from "./outcome.ts";

export interface Totals {
  passed: number;
  failed: number;
  unsupported: number;
}

export function totalsOf(results: readonly CaseResult[]): Totals {
  const totals: Totals = { passed: 0, failed: 0, unsupported: 0 };
  for (const { outcome } of results) totals[outcome.status]++;
  return totals;
}

/** A line for a failing case. */
export function failureLine({ file, id, outcome }: CaseResult): string | undefined {
  return outcome.status === "failed" ? `failed  ${file}  ${id}: ${outcome.reason}` : undefined;
}

/** Lines for what is worth saying of a case that passed. */
export function noteLines({ file, id, outcome }: CaseResult): string[] {
  return outcome.status === "passed" ? (outcome.notes ?? []).map((note) => `note    ${file}  ${id}: ${note}`) : [];
}

/** A line for each call or kind of file without an answer, with its number of cases. */
export function unsupportedLines(results: readonly CaseResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { outcome } of results)
    if (outcome.status === "unsupported") counts.set(outcome.what, (counts.get(outcome.what) ?? 0) + 1);
  return [...counts].map(([what, count]) => `unsupported  ${what}  (${count})`);
}

export function summaryLine({ passed, failed, unsupported }: Totals): string {
  return `${passed} passed, ${failed} failed, ${unsupported} unsupported`;
}
