#!/usr/bin/env node
// stria-conformance MODULE: the report of a backend's conformance; the last line is `N passed, N failed`.
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Backend } from "@stria/core";
import type { BackendFactory } from "./check.ts";
import { checkBackend } from "./check-backend.ts";
import { toMarkdown } from "./report.ts";

const usage = `stria-conformance MODULE [options]

MODULE            a file or a package that exports a function which makes a backend (or a promise of one)
--export NAME     which of its exports; not needed where there is a default export, or one function alone
--rounds N        random cases for each op (25)
--seed N          of the random cases (1)
--slack X         multiplies the tolerances of rounded results (1)
--filter TEXT     only the checks whose name contains TEXT
--nondeterministic  equal runs may differ in their last bits
--json FILE       the report as JSON
--markdown FILE   the report as Markdown, which is printed too
--help            this text
`;

function stop(message: string): never {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(2);
}

/** npm runs scripts in the package's folder, wherever it was called. */
const here = process.env["INIT_CWD"] ?? process.cwd();

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        export: { type: "string" },
        rounds: { type: "string", default: "25" },
        seed: { type: "string", default: "1" },
        slack: { type: "string", default: "1" },
        filter: { type: "string", default: "" },
        nondeterministic: { type: "boolean", default: false },
        json: { type: "string" },
        markdown: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return stop(String(error));
  }
}

function number(text: string, name: string, least: number): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < least)
    stop(`--${name} is "${text}": give a number, at least ${least}.`);
  return value;
}

async function load(name: string): Promise<Record<string, unknown>> {
  const file = resolve(here, name);
  try {
    const address = existsSync(file) ? file : createRequire(join(here, "package.json")).resolve(name);
    return (await import(pathToFileURL(address).href)) as Record<string, unknown>;
  } catch (error) {
    return stop(`${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isFactory(value: unknown): value is () => Backend | Promise<Backend> {
  return typeof value === "function";
}

function factoryOf(module: Record<string, unknown>, name: string | undefined): BackendFactory {
  if (name !== undefined) {
    const chosen = module[name];
    return isFactory(chosen) ? chosen : stop(`The module exports no function "${name}".`);
  }
  if (isFactory(module["default"])) return module["default"];
  const found = Object.values(module).filter(isFactory);
  const [only] = found;
  if (!only || found.length > 1)
    return stop(`The module exports ${found.length} functions: name the one that makes a backend with --export.`);
  return only;
}

const { values, positionals } = parsed();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const [name, ...rest] = positionals;
if (name === undefined || rest.length > 0) stop("Give one module.");
const report = await checkBackend(factoryOf(await load(name), values.export), {
  rounds: number(values.rounds, "rounds", 1),
  seed: number(values.seed, "seed", 0),
  slack: number(values.slack, "slack", 0),
  filter: values.filter,
  deterministic: !values.nondeterministic,
}).catch((error: unknown) =>
  stop(`The backend could not be checked: ${error instanceof Error ? error.message : String(error)}`),
);
if (values.json !== undefined) writeFileSync(resolve(here, values.json), `${JSON.stringify(report, null, 1)}\n`);
const markdown = toMarkdown(report);
if (values.markdown !== undefined) writeFileSync(resolve(here, values.markdown), markdown);
process.stdout.write(`${markdown}\n${report.passed} passed, ${report.failed} failed\n`, () =>
  process.exit(report.failed > 0 ? 1 : 0),
);
