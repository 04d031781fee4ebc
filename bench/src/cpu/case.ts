// What the parts of the suite are made of.
import type { Row } from "../row.ts";
import type { Fallen } from "./contest.ts";

export interface Measured {
  readonly rows: readonly Row[];
  /** Who has no figures, and why. */
  readonly fallen: readonly Fallen[];
}

/** Something measured by itself: its results are kept before the next one begins. */
export interface Case {
  readonly name: string;
  /** @throws Error where there is nothing to report at all. */
  measure(): Promise<Measured>;
}

/** What went wrong, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
