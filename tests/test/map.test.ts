// The map shows the folders that there are, and what each package needs.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asObject, parseJson } from "../src/golden/json.ts";
import { root } from "../src/docs/pages.ts";

const map = readFileSync(join(root, "docs/architecture.md"), "utf8").split("```")[1] ?? "";

const foldersOf = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    .toSorted();

/** The lines of packages: name, and what it needs of the others; and of the folders within them. */
const packages = new Map<string, { readonly needs: string; readonly folders: string[] }>();
for (const line of map.split("\n")) {
  const [, name, , needs = ""] = /^ {2}(\S+) +(\S.*?\S) {2,}(\S.*)$/.exec(line) ?? [];
  const [, folder] = /^ {4}src\/(\S+)\/ /.exec(line) ?? [];
  if (name !== undefined) packages.set(name, { needs, folders: [] });
  if (folder !== undefined) [...packages.values()].at(-1)?.folders.push(folder);
}

test("all packages and apps are on the map", () => {
  expect([...packages.keys()].toSorted()).toEqual(foldersOf("packages"));
  const apps = [...map.matchAll(/^apps\/(\S+) /gm)].map(([, name = ""]) => name);
  expect(apps.toSorted()).toEqual(foldersOf("apps"));
});

test.each([...packages])("%s needs what the map says", (name, { needs, folders }) => {
  const manifest = asObject(parseJson(readFileSync(join(root, "packages", name, "package.json"), "utf8"), name), name);
  const { dependencies = {}, peerDependencies = {} } = manifest;
  const found = [dependencies, peerDependencies].flatMap((list) => Object.keys(asObject(list, name)));
  const own = found.filter((other) => other.startsWith("@stria/")).map((other) => other.slice("@stria/".length));
  expect(own.toSorted()).toEqual(needs === "depends on nothing" ? [] : needs.split(", ").toSorted());
  // Of most packages the map shows no folders.
  expect(folders.toSorted()).toEqual(folders.length === 0 ? [] : foldersOf(join("packages", name, "src")));
});
