// Everything that has to hold before a change is good: `npm test`, or `npm test -- types lint` for some of the steps.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumPath } from "./chromium.ts";
import { build, command, documentation, root } from "./command.ts";
import { bundle, compile, installPackages, runInBrowser, runInNode } from "./consumer.ts";
import { brokenRules } from "./dependency-rules.ts";
import { nodesToTry } from "./nodes.ts";
import { checkArchives, publish } from "./publish.ts";
import { startRegistry } from "./registry.ts";
import { runSteps } from "./steps.ts";
import type { Counts, Step } from "./steps.ts";
import { vitest } from "./vitest/run.ts";
import { foldersByMeasure } from "./vitest/test-folders.ts";
import { workspacePackages } from "./workspace.ts";

const chromium = chromiumPath();
const noChromium = "Chromium is missing: install it (Debian: apt-get install chromium), or name one in CHROMIUM_PATH";
const strict = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";
const scratch = mkdtempSync(join(tmpdir(), "stria-test-"));
const consumer = join(scratch, "consumer");
const registry = await startRegistry();
const leftOut: string[] = [];
let archives: string[] = [];

/** A program of the workspace's own tools, run for its exit status. */
function tool(name: string, ...args: string[]): Step["run"] {
  return async () => {
    await command(join(root, "node_modules", ".bin", name), args);
  };
}

/** The tests in Node: those that have to reach most lines of their packages with the lines counted, the others without. */
async function inNode(): Promise<Counts> {
  const { measured, others } = foldersByMeasure();
  const parts = [await vitest(["node"], { only: others }), await vitest(["node"], { only: measured, coverage: true })];
  const sum = (key: "passed" | "failed"): number => parts.reduce((total, part) => total + part[key], 0);
  const output = parts.flatMap((part) => part.output ?? []).join("\n");
  const note = parts.flatMap((part) => part.note ?? []).join(", ");
  return { passed: sum("passed"), failed: sum("failed"), ...(output && { output }), ...(note && { note }) };
}

/** A step that needs a browser: without one it is left out, or fails where nothing may be left out. */
function inChromium(
  name: string,
  run: (executablePath: string) => ReturnType<Step["run"]>,
  needs: string[] = [],
): Step[] {
  if (chromium !== undefined) return [{ name, needs, run: () => run(chromium) }];
  if (strict) return [{ name, run: () => Promise.reject(new Error(noChromium)) }];
  leftOut.push(name);
  return [];
}

const all: Step[] = [
  { name: "types", run: tool("tsc", "--project", "tsconfig.check.json") },
  { name: "build", run: () => build() },
  // The longest first: all others run beside it.
  { name: "node", run: inNode },
  // After the build: what it knows of a namespace it reads from the built packages, where there are any.
  { name: "lint", needs: ["build"], run: tool("oxlint", "--deny-warnings") },
  { name: "format", run: tool("oxfmt", "--check") },
  { name: "unused", run: tool("knip") },
  {
    name: "dependencies",
    run: () => {
      const broken = brokenRules(workspacePackages().map(({ manifest }) => manifest));
      return broken.length > 0 ? Promise.reject(new Error(broken.join("\n"))) : Promise.resolve();
    },
  },
  ...inChromium("playground", () => vitest(["playground"]), ["build"]),
  ...inChromium("browser", () => vitest(["browser", "plain-browser"])),
  { name: "docs", run: documentation },
  { name: "size", needs: ["build"], run: tool("size-limit") },
  {
    name: "publish",
    needs: ["build"],
    run: async () => {
      archives = await publish(registry, join(scratch, "archives"));
    },
  },
  { name: "archives", needs: ["publish"], run: () => checkArchives(archives) },
  { name: "install", needs: ["publish"], run: () => installPackages(consumer, registry.url) },
  { name: "install-types", needs: ["install"], run: () => compile(consumer) },
  ...(await nodesToTry()).map(({ path, version }) => ({
    name: `install-node-${version}`,
    needs: ["install-types"],
    run: () => runInNode(consumer, path),
  })),
  { name: "install-bundle", needs: ["install-types"], run: () => bundle(consumer) },
  ...inChromium("install-browser", (path) => runInBrowser(consumer, path), ["install-bundle"]),
];

try {
  const { passed, failed } = await runSteps(chosen(process.argv.slice(2)), (text) => process.stdout.write(text));
  if (leftOut.length > 0) process.stdout.write(`Left out: ${leftOut.join(", ")}. ${noChromium}.\n`);
  if (!existsSync(join(root, "..", "shared", "golden")))
    process.stdout.write(
      "Left out: the larger goldens and the training runs on real data, which lie in ../shared where it is at hand.\n",
    );
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  await registry.close();
  rmSync(scratch, { recursive: true, force: true });
}

/** The named steps, in their usual order, with those that they need; all when none is named. */
function chosen(names: readonly string[]): Step[] {
  const wanted = new Set(names);
  const known = [...all.map(({ name }) => name), ...leftOut];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no step ${unknown.join(", ")}; the steps are ${known.join(", ")}`);
  for (const step of all.toReversed()) {
    if (wanted.has(step.name)) for (const need of step.needs ?? []) wanted.add(need);
  }
  return names.length === 0 ? all : all.filter(({ name }) => wanted.has(name));
}
