// Where tests lie, and which of them run while the lines are counted that they reach: counting makes loops several times slower.
import { globSync } from "node:fs";
import { join } from "node:path";
import { root } from "../command.ts";

/** Patterns of the folders with tests. */
export const testFolders: readonly string[] = [
  "packages/*/test",
  "apps/*/test",
  "examples/test",
  "tests",
  "tools/test",
];

/** Packages of which the own tests in Node have to reach most lines. */
export const measuredPackages: readonly string[] = ["core", "layers", "optimizers", "training"];

/** The folders with tests of the measured packages, and the others. */
export function foldersByMeasure(): { readonly measured: string[]; readonly others: string[] } {
  const measured = measuredPackages.map((name) => join("packages", name, "test"));
  const others = globSync([...testFolders], { cwd: root }).filter((folder) => !measured.includes(folder));
  const absolute = (folders: readonly string[]): string[] => folders.map((folder) => join(root, folder));
  return { measured: absolute(measured), others: absolute(others) };
}
