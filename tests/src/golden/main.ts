// npm run golden -- DIR [--backend NAME] [--filter TEXT] [--json FILE]: holds Stria against golden answers; the CPU backend by a forced algorithm too.
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { CpuOptions } from "@stria/backend-cpu";
import { backendNames, isBackendName } from "./backends.ts";
import { algorithmsNames, cpuFlags, cpuOptions } from "./cpu-options.ts";
import { describeError, type CaseResult } from "./outcome.ts";
import { failureLine, noteLines, summaryLine, totalsOf, unsupportedLines } from "./report.ts";
import { runGoldens } from "./run.ts";

const usage = `npm run golden -- DIR [--backend ${backendNames.join("|")}] [--filter TEXT] [--json FILE]
    and on cpu [--algorithms ${algorithmsNames.join("|")}] [--threads N] [--deterministic]`;

function stop(message: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}

/** A path as the user meant it: npm runs scripts in the package's folder, wherever it was called. */
function fromUser(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
}

interface Wanted {
  readonly folder: string;
  readonly backend: string;
  readonly filter: string | undefined;
  readonly json: string | undefined;
  readonly options: CpuOptions;
}

function readArguments(): Wanted {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        backend: { type: "string", default: "cpu" },
        filter: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
        ...cpuFlags,
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0) return stop("Give one folder of golden files.");
    const { backend, filter, json } = values;
    return { folder: fromUser(folder), backend, filter, json, options: cpuOptions(values) };
  } catch (error) {
    return stop(describeError(error));
  }
}

const { folder, backend, filter, json, options } = readArguments();
if (!isBackendName(backend)) stop(`There is no backend "${backend}".`);
if (backend !== "cpu" && Object.keys(options).length > 0) stop(`${backend} has no such options.`);
if (!existsSync(folder)) stop(`There is no folder ${folder}.`);

const results: CaseResult[] = [];
try {
  for await (const result of runGoldens(folder, { backend, filter, options })) {
    results.push(result);
    const line = failureLine(result);
    if (line !== undefined) console.log(line);
    for (const note of noteLines(result)) console.log(note);
  }
} catch (error) {
  stop(`The run stopped: ${describeError(error)}`);
}
for (const line of unsupportedLines(results)) console.log(line);
const totals = totalsOf(results);
if (json !== undefined)
  writeFileSync(fromUser(json), `${JSON.stringify({ backend, ...totals, cases: results }, null, 1)}\n`);
console.log(summaryLine(totals));
process.exit(totals.failed > 0 ? 1 : 0);
