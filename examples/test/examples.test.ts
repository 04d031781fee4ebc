// What holds for all examples: short, listed, tested, and told apart on the command line.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { examplesFolder } from "./run-example.ts";

const names = readdirSync(examplesFolder).filter((name) => existsSync(join(examplesFolder, name, "main.ts")));
const index = readFileSync(join(examplesFolder, "README.md"), "utf8");

describe.each(names)("%s", (name) => {
  const lines = readFileSync(join(examplesFolder, name, "main.ts"), "utf8")
    .trimEnd()
    .split("\n");

  it("has at most 120 lines, and says in the first what it shows", () => {
    expect(lines.length).toBeLessThanOrEqual(120);
    expect(lines[0]).toMatch(/^\/\/ [A-Z].*\.$/);
  });

  it("is in the README and has a test", () => {
    expect(index).toContain(`npm run example -- ${name}`);
    expect(existsSync(join(examplesFolder, "test", `${name}.test.ts`))).toBe(true);
  });
});

it("the README names no example that is not there", () => {
  const named = [...index.matchAll(/npm run example -- ([a-z][a-z0-9-]*)/g)].map(([, name]) => name);
  expect(named.filter((name) => name === undefined || !names.includes(name))).toEqual([]);
});
