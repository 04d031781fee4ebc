// `npm run bench -- SUITE [--threads N] [--epochs N] [--checkpoint FILE] [--json FILE]`, `cpu` also [--resume] [--only PART,PART] [--filter NAME] [--rounds N] [--python COMMAND] [--node PATH,PATH] [--onnxruntime-node FOLDER]: runs a suite and prints its medians, ratios to the peers of the same run beside them; the `train-` suites print what
// was reached, and in what time.
import { cpus } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { environmentWithData } from "../../tools/src/data-beside.ts";
import { resultsBefore, writeResults } from "./results.ts";
import type { Outcome, Row, SuiteOptions } from "./row.ts";

/** The suite of an example. */
const example = (name: string) => async () => (await import("./examples.ts")).suiteOf(name);

const suites: Readonly<Record<string, () => Promise<{ measure(options: SuiteOptions): Promise<Row[] | Outcome> }>>> = {
  cpu: () => import("./cpu/suite.ts"),
  augment: () => import("./augment/suite.ts"),
  forecast: () => import("./forecast.ts"),
  gemm: () => import("./gemm.ts"),
  lenet5: () => import("./lenet5.ts"),
  loader: () => import("./loader/suite.ts"),
  onnx: () => import("./onnx.ts"),
  "train-cifar10": () => import("./train-cifar10.ts"),
  "train-isbi": () => import("./train-isbi.ts"),
  "train-mnist": () => import("./train-mnist.ts"),
  "train-speech": example("speech"),
  "train-text": example("text"),
  "train-time-series": example("time-series"),
};

const usage = `usage: npm run bench -- ${Object.keys(suites).join("|")} [--threads N] [--epochs N] [--checkpoint FILE] [--json FILE]
cpu: [--only PART,PART] [--filter NAME] [--threads N,N] [--rounds N]
  [--resume, to measure only what the file of --json has not, or not of everybody]
  [--python COMMAND|none, one that has torch; without it python3 where that has]
  [--node PATH,PATH|none, of other Nodes to report beside; without it those at hand]
  [--onnxruntime-node FOLDER, node_modules/onnxruntime-node of wherever it was installed]
forecast: [--filter NAME] [--rounds N]
loader: [--only training,records] [--rounds N]
augment: [--rounds N] [--python COMMAND, one that has torchvision]`;

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        threads: { type: "string" },
        only: { type: "string" },
        filter: { type: "string" },
        rounds: { type: "string" },
        python: { type: "string" },
        node: { type: "string" },
        "onnxruntime-node": { type: "string" },
        epochs: { type: "string" },
        checkpoint: { type: "string" },
        json: { type: "string" },
        resume: { type: "boolean", default: false },
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
const threadCounts = values.threads?.split(",").map(Number);
const threads = threadCounts?.[0] ?? 1;
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
const epochs = values.epochs === undefined ? undefined : Number(values.epochs);
const suite = Object.hasOwn(suites, name) ? suites[name] : undefined;
const countable = (count: number): boolean => Number.isInteger(count) && count >= 1;
if (
  !suite ||
  !(threadCounts ?? []).every(countable) ||
  (rounds !== undefined && !countable(rounds)) ||
  (epochs !== undefined && !countable(epochs))
)
  stop(usage);

Object.assign(process.env, environmentWithData());
const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.versions.node}`;
console.log(`${name}: ${machine}`);
const { json: file } = values;
// A suite that is given none takes one and two.
const heading = { suite: name, machine, threads: name === "cpu" ? (threadCounts ?? [1, 2]) : threads };
const keep = async (outcome: Outcome): Promise<void> => {
  if (file !== undefined) await writeResults(file, heading, outcome);
};
if (values.resume && (file === undefined || name !== "cpu"))
  stop(`--resume goes on with the file of --json, of the suite cpu\n${usage}`);
const measured = await (
  await suite()
).measure({
  threads,
  ...(threadCounts && { threadCounts }),
  ...(values.only !== undefined && { only: values.only }),
  ...(values.filter !== undefined && { filter: values.filter }),
  ...(rounds !== undefined && { rounds }),
  ...(values.python !== undefined && { python: values.python }),
  ...(values.node !== undefined && { node: values.node }),
  ...(values["onnxruntime-node"] !== undefined && { onnxruntimeNode: resolve(values["onnxruntime-node"]) }),
  ...(epochs !== undefined && { epochs }),
  ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
  ...(values.resume && file !== undefined && { before: await resultsBefore(file, heading) }),
  save: keep,
});
const { rows, left }: Outcome = Array.isArray(measured) ? { rows: measured, left: [] } : measured;
for (const part of new Set(rows.map((row) => row.part))) {
  if (part !== undefined) console.log(part);
  console.table(
    Object.fromEntries(
      rows
        .filter((row) => row.part === part)
        .map(({ name: row, median, fastest, figures }) => [
          row,
          Object.fromEntries(
            Object.entries({ "median ms": median, "fastest ms": fastest, ...figures }).flatMap(([figure, value]) =>
              value === undefined || figure.includes("quartile") ? [] : [[figure, Number(value.toPrecision(4))]],
            ),
          ),
        ]),
    ),
  );
}
if (left.length > 0) {
  console.log("Left out:");
  for (const { part, case: one, contestant, reason } of left) console.log(`${part}, ${one}: ${contestant}: ${reason}`);
}
await keep({ rows, left });
process.exit(0);
