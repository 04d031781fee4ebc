// `npm run bench -- SUITE [--threads N] [--json FILE]`: runs a suite and prints its medians, ratios to the peers of the same run beside them.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Row, SuiteOptions } from "./row.ts";

const suites: Readonly<Record<string, () => Promise<{ measure(options: SuiteOptions): Promise<Row[]> }>>> = {
  forecast: () => import("./forecast.ts"),
  gemm: () => import("./gemm.ts"),
  lenet5: () => import("./lenet5.ts"),
  onnx: () => import("./onnx.ts"),
};

const usage = `usage: npm run bench -- ${Object.keys(suites).join("|")} [--threads N] [--json FILE]`;

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        threads: { type: "string", default: "1" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return stop(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [name = ""] = positionals;
const threads = Number(values.threads);
const suite = Object.hasOwn(suites, name) ? suites[name] : undefined;
if (!suite || !Number.isInteger(threads) || threads < 1) stop(usage);

const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.versions.node}`;
console.log(`${name}: ${machine}`);
const rows = await (await suite()).measure({ threads });
console.table(
  Object.fromEntries(
    rows.map(({ name: row, median, fastest, figures }) => [
      row,
      Object.fromEntries(
        Object.entries({ "median ms": median, "fastest ms": fastest, ...figures }).map(([figure, value]) => [
          figure,
          Number(value.toPrecision(3)),
        ]),
      ),
    ]),
  ),
);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ suite: name, machine, threads, rows }, null, 2)}\n`);
process.exit(0);
