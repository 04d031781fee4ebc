// What the suite has measured so far, an earlier run's results included, always in the order of the report: whatever was measured first, the file is the same.
import type { LeftOut, Outcome, Row } from "../row.ts";
import { meansOf } from "./rows.ts";

export interface Place {
  readonly part: string;
  readonly case: string;
}

type Placed = Pick<Row, "part" | "case">;

function keyOf({ part, case: name }: Placed): string {
  return JSON.stringify([part, name]);
}

export class KeptResults {
  #rows: readonly Row[];
  #left: readonly LeftOut[];
  readonly #order: ReadonlyMap<string, number>;
  readonly #withMeans: readonly string[];

  /** All places in the order of the report, and the parts that end in means. */
  constructor({ rows, left }: Outcome, order: readonly Place[], withMeans: readonly string[]) {
    this.#rows = rows.filter((row) => row.case !== undefined); // means are made anew
    this.#left = left;
    this.#order = new Map(order.map((place, index) => [keyOf(place), index]));
    this.#withMeans = withMeans;
  }

  /** Whether everybody has figures there. */
  has(place: Place): boolean {
    const here = (other: Placed): boolean => keyOf(other) === keyOf(place);
    return this.#rows.some(here) && !this.#left.some(here);
  }

  /** Puts in what was measured, in place of what was there. */
  put({ part, case: name }: Place, rows: readonly Row[], left: readonly Omit<LeftOut, "part" | "case">[]): void {
    const place = { part, case: name };
    const index = (placed: Placed): number => this.#order.get(keyOf(placed)) ?? this.#order.size;
    const merged = <T extends Placed>(before: readonly T[], now: readonly T[]): T[] =>
      [...before.filter((one) => keyOf(one) !== keyOf(place)), ...now].toSorted((a, b) => index(a) - index(b));
    this.#rows = merged(
      this.#rows,
      rows.map((row) => ({ ...row, ...place })),
    );
    this.#left = merged(
      this.#left,
      left.map((one) => ({ ...place, ...one })),
    );
  }

  /** All of it, means after each part that has them. */
  outcome(): Outcome {
    const parts = new Set(this.#rows.flatMap((row) => row.part ?? []));
    const rows = [...parts].flatMap((part): Row[] => {
      const own = this.#rows.filter((row) => row.part === part);
      return [...own, ...(this.#withMeans.includes(part) ? meansOf(part, own).map((row) => ({ ...row, part })) : [])];
    });
    return { rows, left: this.#left };
  }
}
