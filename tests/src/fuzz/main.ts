// npm run fuzz -- [COUNT] [SEED] [FOLDER]: damages good files of other libraries at random, and holds the readers to what they promise.
import { join } from "node:path";
import { ownGoldens } from "../setting.ts";
import { watchedFuzz } from "./watched.ts";

const [count = "100000", seed = "1", folder = join(ownGoldens, "formats")] = process.argv.slice(2);
const step = 5000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
let [read, refused, slowest] = [0, 0, 0];
let failed = false;
for (let from = 0; from < Number(count); from += step) {
  const to = Math.min(Number(count), from + step);
  const result = await watchedFuzz(folder, Number(seed), from, to);
  read += result.read;
  refused += result.refused;
  slowest = Math.max(slowest, result.slowest[0]);
  for (const { number, file, what } of result.findings) {
    failed = true;
    print(`file ${number} of seed ${seed}, made of ${file}: ${what}`);
  }
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  print(
    `${to} files: ${read} read, ${refused} refused; the slowest took ${slowest.toFixed(2)} s; ${megabytes} MB at most`,
  );
}
process.exit(failed ? 1 : 0);
