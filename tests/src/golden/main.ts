// npm run golden -- DIR [--backend NAME] [--filter TEXT] [--json FILE]: holds Stria against golden answers.
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { backendNames, isBackendName } from "./backends.ts";
import { describeError, type CaseResult } from "./outcome.ts";
import { failureLine, noteLines, summaryLine, totalsOf, unsupportedLines } from "./report.ts";
import { runGoldens } from "./run.ts";

const usage = `npm run golden -- DIR [--backend ${backendNames.join("|")}] [--filter TEXT] [--json FILE]`;

function stop(message: string): never {
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(2);
}

/** A path as the user meant it: npm runs scripts in the package's folder, wherever it was called. */
function fromUser(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
}

function readArguments(): { folder: string; backend: string; filter: string | undefined; json: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        backend: { type: "string", default: "cpu" },
        filter: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0) return stop("Give one folder of golden files.");
    return { folder: fromUser(folder), backend: values.backend, filter: values.filter, json: values.json };
  } catch (error) {
    return stop(describeError(error));
  }
}

const { folder, backend, filter, json } = readArguments();
if (!isBackendName(backend)) stop(`There is no backend "${backend}".`);
if (!existsSync(folder)) stop(`There is no folder ${folder}.`);

const results: CaseResult[] = [];
try {
  for await (const result of runGoldens(folder, { backend, filter })) {
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
