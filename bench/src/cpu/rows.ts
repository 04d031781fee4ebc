// A contest as rows: medians, the share of the register peak, and ratios to whoever is named as the peer.
import type { Row } from "../row.ts";
import type { Contest, Result } from "./contest.ts";

/** Who is compared with whom: both by name without the net. */
export interface Ratio {
  readonly of: string;
  readonly to: string;
  readonly name: string;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/**
 * One row a contestant. Ratios to a peer are those of its median over the contestant's, by the clock and in processor time: above 1 it is slower than
 * the contestant. The share of the peak is that of the processor time, so that it holds on a busy machine too.
 */
export function rowsOf(
  subject: string,
  { results, peak }: Contest,
  operations: number,
  ratios: readonly Ratio[],
): Row[] {
  const by = new Map(results.map((result) => [result.name, result]));
  const ratiosOf = (result: Result): [string, number][] =>
    ratios.flatMap(({ of, to, name }) => {
      const peer = by.get(to);
      return of === result.name && peer
        ? [
            [name, round(peer.wall.median / result.wall.median)],
            [`${name}, processor`, round(peer.processor.median / result.processor.median)],
          ]
        : [];
    });
  return results.map((result) => ({
    name: `${subject}: ${result.name}`,
    median: result.wall.median,
    fastest: result.wall.p10,
    figures: {
      "p90 ms": round(result.wall.p90),
      "processor ms": round(result.processor.median),
      ...(operations > 0 && {
        "GFLOP/s": round(operations / result.wall.median / 1e6),
        "% of peak": round((operations / result.processor.median / 1e6 / peak) * 100),
      }),
      ...Object.fromEntries(ratiosOf(result)),
      rounds: result.rounds,
    },
  }));
}

/** What the loops reached beside a contest. */
export function peakLine({ peaks }: Contest): string {
  return Object.entries(peaks)
    .map(([name, speed]) => `${name} ${speed.toFixed(1)} GFLOP/s`)
    .join(", ");
}
