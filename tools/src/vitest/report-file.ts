// Writes docs/test-long.md: when and where the long tests ran, what each came to and how long it took.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { arch, cpus, totalmem, type } from "node:os";
import { join } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { root } from "../command.ts";
import { closingLine } from "./closing-line.ts";

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} x ${first?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${arch()}`;
}

/** The commit that was tested, and whether anything had been changed since. */
function commit(): string {
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${changed ? ", with changes" : ""}`;
}

function row(test: TestCase): string {
  const seconds = (test.diagnostic()?.duration ?? 0) / 1000;
  return `| ${test.fullName.replaceAll("|", "\\|")} | ${test.result().state} | ${seconds.toFixed(1)} |`;
}

function section(module: TestModule): string {
  const rows = [...module.children.allTests()].map(row);
  const errors = module.errors().map(({ message }) => `It did not load: ${message}\n`);
  return [`## ${module.relativeModuleId}\n`, ...errors, "| test | result | seconds |", "|---|---|---:|", ...rows].join(
    "\n",
  );
}

export default class ReportFile implements Reporter {
  #began = 0;
  #commit = "";

  onTestRunStart(): void {
    this.#began = performance.now();
    this.#commit = commit();
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const minutes = (performance.now() - this.#began) / 60_000;
    const head = [
      "# The long tests",
      "",
      "`npm run test:long` runs what takes minutes, one file after the other, and writes this page.",
      "",
      "| | |",
      "|---|---|",
      `| date | ${new Date().toISOString().slice(0, 10)} |`,
      `| commit | ${this.#commit} |`,
      `| machine | ${machine()} |`,
      `| Node | ${process.versions.node} |`,
      `| time | ${minutes.toFixed(1)} minutes |`,
    ].join("\n");
    const sorted = modules.toSorted((a, b) => (a.relativeModuleId < b.relativeModuleId ? -1 : 1));
    const page = [head, ...sorted.map(section), closingLine(modules, errors)];
    writeFileSync(join(root, "docs", "test-long.md"), `${page.join("\n\n")}\n`);
  }
}
