// A file of millions of small records: how long it takes to open, and to read records in random order.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecords, writeRecords } from "@stria/data";
import type { Row, SuiteOptions } from "../row.ts";

interface Small {
  readonly x: Uint8Array;
  readonly y: number;
}

const count = 4_000_000;
const reads = 100_000;

function* small(): Generator<Small> {
  const x = new Uint8Array(16);
  for (let index = 0; index < count; index++) {
    x.fill(index);
    yield { x, y: index % 10 };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Opening, and reading records far from one another: the page of the index and the record are read each time. */
export async function measureRecords({ rounds = 9 }: SuiteOptions): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "stria-records-"));
  try {
    const path = join(folder, "small.records");
    const begun = performance.now();
    const { bytes } = await writeRecords(path, small());
    const written = performance.now() - begun;
    const [opening, reading]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      const records = await openRecords<Small>(path);
      await records.get(count - 1);
      const opened = performance.now();
      opening.push(opened - start);
      for (let read = 0; read < reads; read++) await records.get((read * 2_654_435) % count);
      reading.push(performance.now() - opened);
      records.close();
    }
    return [
      {
        name: `open ${count} records and read the last`,
        median: median(opening),
        fastest: Math.min(...opening),
        figures: { MB: bytes / 1e6, "written/s": (1000 * count) / written },
      },
      {
        name: `read ${reads} records in leaps`,
        median: median(reading),
        fastest: Math.min(...reading),
        figures: { "records/s": (1000 * reads) / median(reading) },
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
