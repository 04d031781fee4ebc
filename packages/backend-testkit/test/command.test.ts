// The command line: its report, its last line and its exit status; and the report as Markdown.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkBackend, toMarkdown } from "../src/index.ts";
import { allChecks } from "../src/checks/index.ts";
import { backendOf } from "./support/mutate.ts";
import { writeTutorial } from "./support/tutorial.ts";

const command = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const flags = ["--conditions=@stria/source", "--disable-warning=ExperimentalWarning"];
  const env = { ...process.env, INIT_CWD: process.cwd() };
  return spawnSync(process.execPath, [...flags, command, ...args], { encoding: "utf8", env });
}

test("a module is checked: a report, and the counts as the last line", () => {
  const folder = mkdtempSync(join(tmpdir(), "stria-kit-"));
  const [json, markdown] = [join(folder, "report.json"), join(folder, "report.md")];
  const files = ["--json", json, "--markdown", markdown];
  const { status, stdout } = run(writeTutorial("command"), "--rounds", "3", ...files);
  expect(stdout).toContain('# Conformance of "loops"');
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(`${allChecks.length} passed, 0 failed`);
  expect(status).toBe(0);
  expect(stdout).toContain(readFileSync(markdown, "utf8"));
  expect(JSON.parse(readFileSync(json, "utf8"))).toMatchObject({ backend: "loops", rounds: 3, failed: 0 });
});

test("what cannot be checked is said, with the usage", () => {
  const folder = mkdtempSync(join(tmpdir(), "stria-kit-"));
  const two = join(folder, "two.mjs");
  writeFileSync(two, "export const a = () => 1;\nexport const b = () => 2;\n");
  for (const [args, words] of [
    [[], "Give one module"],
    [["./nothing.js"], "cannot be loaded"],
    [[two], "exports 2 functions"],
    [[two, "--export", "c"], 'exports no function "c"'],
    [[two, "--rounds", "none"], "--rounds"],
  ] as const) {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(words);
    expect(stderr).toContain("stria-conformance MODULE");
    expect(status).toBe(2);
  }
});

test("--help prints the usage, and is no fault", () => {
  const { status, stdout, stderr } = run("--help");
  expect(stdout).toMatch(/^stria-conformance MODULE/);
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("the report names every fault", async () => {
  const report = await checkBackend(() => backendOf({ abs: (inputs) => inputs.map((x) => x.slice()) }), {
    filter: ": abs",
  });
  const text = toMarkdown(report);
  expect(report).toMatchObject({ passed: 0, failed: 1 });
  expect(text).toContain("| required op | 0 | 1 |");
  expect(text).toContain("### required op: abs");
  expect(text).toMatch(/abs\(.*in a program: result 0: element \d+ is -/);
});
