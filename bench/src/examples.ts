// What examples reach and in what time: each is run whole, as its reader runs it, once for each of several seeds.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Row, SuiteOptions } from "./row.ts";

const seeds = [1, 2, 3];

interface Run {
  /** Shares by name. */
  readonly figures: ReadonlyMap<string, number>;
  readonly minutes: number;
}

async function run(example: string, flags: readonly string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "stria-bench-"));
  try {
    const main = fileURLToPath(new URL(`../../examples/${example}/main.ts`, import.meta.url));
    const start = performance.now();
    const line = [
      "--conditions=@stria/source",
      "--disable-warning=ExperimentalWarning",
      main,
      "--out",
      folder,
      ...flags,
    ];
    await promisify(execFile)(process.execPath, line, { maxBuffer: 2 ** 26 });
    const minutes = (performance.now() - start) / 60_000;
    const figures: unknown = JSON.parse(await readFile(join(folder, "figures.json"), "utf8"));
    return { figures: new Map(Object.entries(figures ?? {}).map(([name, share]) => [name, Number(share)])), minutes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const middle = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

/** The suite that runs an example: of each accuracy that it reports, in percent, the median and the worst of three seeds. */
export function suiteOf(example: string): { measure(options: SuiteOptions): Promise<Row[]> } {
  return {
    async measure({ threads, epochs }) {
      const asked = ["--threads", `${threads}`, ...(epochs === undefined ? [] : ["--epochs", `${epochs}`])];
      const runs: Run[] = [];
      for (const seed of seeds) {
        const one = await run(example, ["--seed", `${seed}`, ...asked]);
        console.log(`seed ${seed}: ${JSON.stringify({ ...one, figures: Object.fromEntries(one.figures) })}`);
        runs.push(one);
      }
      const minutes = middle(runs.map((one) => one.minutes).toSorted((a, b) => a - b));
      return [...(runs[0]?.figures.keys() ?? [])].map((name) => {
        const sorted = runs.map(({ figures }) => 100 * (figures.get(name) ?? Number.NaN)).toSorted((a, b) => a - b);
        return {
          name,
          figures: {
            "median %": middle(sorted),
            "worst %": Math.min(...sorted),
            seeds: seeds.length,
            "minutes a run": minutes,
          },
        };
      });
    },
  };
}
