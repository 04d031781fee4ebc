// The pages whose code is checked, and their programs as files in a folder where their imports are found.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesOf, type PageProgram, programsOf } from "./code-blocks.ts";

export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

/** The README, the pages in docs and the README of each package, by path from the root. */
export function pages(): string[] {
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const packages = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "README.md")),
  );
  return ["README.md", ...docs.map((name) => `docs/${name}`), ...packages.map((name) => `packages/${name}/README.md`)];
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** A program of a page in a file. */
export interface WrittenProgram extends PageProgram {
  readonly page: string;
  readonly file: string;
}

/**
 * Writes what the pages show to a fresh folder inside this package: for each page a folder with the files that it builds, and its programs beside them.
 * `change` is what a test puts in the place of something else.
 */
export function writePrograms(
  name: string,
  change: (text: string, page: string) => string = (text) => text,
): { readonly folder: string; readonly programs: readonly WrittenProgram[] } {
  const folder = join(root, "tests", ".cache", name);
  rmSync(folder, { recursive: true, force: true });
  const programs = pages().flatMap((page) => {
    const place = join(folder, page.replaceAll("/", "-"));
    mkdirSync(place, { recursive: true });
    const text = readPage(page);
    for (const [file, code] of filesOf(text)) writeFileSync(join(place, file), code);
    return programsOf(text).map((program) => {
      const file = join(place, `line-${program.line}.ts`);
      writeFileSync(file, change(program.text, page));
      return { ...program, page, file };
    });
  });
  return { folder, programs };
}
