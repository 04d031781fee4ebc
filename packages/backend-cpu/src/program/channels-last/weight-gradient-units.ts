// How the tiles of a weight gradient are divided into units of work. Sums are never divided, so that results do not depend on the number of threads.
import type { Cut } from "./weight-gradient-tiles.ts";

export interface Work {
  readonly groups: number;
  readonly rows: Cut;
  readonly columns: Cut;
  readonly taps: number;
  /** Pixels of a block. */
  readonly pixels: number;
}

/** First and end of groups, row panels, column panels and elements of the kernel. */
export type Unit = readonly [number, number, number, number, number, number, number, number];

/** Units for each thread, at most: a thread that is held up does not hold up all. */
const unitsPerThread = 4;
/** Multiply-adds in a unit, at least. */
const smallestUnit = 16384;

function bounds(length: number, parts: number): [number, number][] {
  return Array.from({ length: parts }, (_, part) => [
    Math.floor((length * part) / parts),
    Math.floor((length * (part + 1)) / parts),
  ]);
}

/** Ways to cut `length` into at most `most` parts: each number of parts that makes the largest part smaller. */
function cuts(length: number, most: number): number[] {
  const list: number[] = [];
  for (let parts = 1; parts <= Math.min(length, most); parts++)
    if (parts === 1 || Math.ceil(length / parts) < Math.ceil(length / (parts - 1))) list.push(parts);
  return list;
}

/** The division whose slowest thread is done first, if every unit packs what it needs. */
export function divideWork({ groups, rows, columns, taps, pixels }: Work, threads: number): Unit[] {
  const tile = rows.wide * columns.wide;
  const all = groups * rows.count * columns.count * taps;
  const most =
    threads === 1
      ? 1
      : Math.max(1, Math.min(threads * unitsPerThread, Math.floor((all * tile * pixels) / smallestUnit)));
  let best = { cost: Infinity, parts: [1, 1, 1, 1] as const as readonly [number, number, number, number] };
  for (const g of cuts(groups, most))
    for (const r of cuts(rows.count, most / g))
      for (const c of cuts(columns.count, most / (g * r)))
        for (const t of cuts(taps, most / (g * r * c))) {
          const [height, width] = [Math.ceil(rows.count / r), Math.ceil(columns.count / c)];
          // Two multiply-adds of a vector take a cycle, as does copying a vector.
          const multiplying = (height * width * Math.ceil(taps / t) * tile) / 8;
          const packing = (height * rows.wide + width * columns.wide) / 4;
          const unit = Math.ceil(groups / g) * (multiplying + packing);
          const turns = Math.ceil((g * r * c * t) / threads);
          const cost = turns * unit;
          if (cost < best.cost) best = { cost, parts: [g, r, c, t] };
        }
  const [g, r, c, t] = best.parts;
  return bounds(groups, g).flatMap((group) =>
    bounds(rows.count, r).flatMap((row) =>
      bounds(columns.count, c).flatMap((column) =>
        bounds(taps, t).map((tap): Unit => [...group, ...row, ...column, ...tap]),
      ),
    ),
  );
}
