// The backend of docs/write-a-backend.md: its code is taken out of the page, so that the page is what is tested.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Backend } from "@stria/core";
import { filesOf } from "../../../../tests/src/docs/code-blocks.ts";

const page = new URL("../../../../docs/write-a-backend.md", import.meta.url);
const folder = new URL("../../.cache/tutorial/", import.meta.url);

/** The code of the page, block after block. */
export function tutorialCode(): string {
  return filesOf(readFileSync(page, "utf8")).get("loops.js") ?? "";
}

/** Writes it to a file, inside a package so that its imports are found. Tests beside each other write files of their own. */
export function writeTutorial(name: string): string {
  mkdirSync(folder, { recursive: true });
  const file = fileURLToPath(new URL(`${name}.js`, folder));
  writeFileSync(file, tutorialCode());
  return file;
}

export async function tutorialBackend(): Promise<() => Backend> {
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(writeTutorial("vitest")).href);
  if (typeof module !== "object" || module === null || !("loops" in module) || typeof module.loops !== "function")
    throw new Error("the page's code exports no function loops");
  return module.loops as () => Backend;
}
