// The Nodes that an installed package is tried in.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { command, root } from "./command.ts";

/** The folders that programs are looked for in, without the workspace's own. */
const systemPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.startsWith(root) && !folder.includes("node_modules"));

/** The environment of a user who has no workspace: their Node and npm, and nothing that npm told us about ours. */
export function userEnvironment(): Record<string, string | undefined> {
  const ours = Object.keys(process.env).filter((name) => /^npm_(package|lifecycle)_/.test(name));
  return { ...Object.fromEntries(ours.map((name) => [name, undefined])), PATH: systemPath.join(delimiter) };
}

/** The Node that runs this, the system's own where that is another, and those that `STRIA_NODES` lists as PATH lists folders; the oldest first. */
export async function nodesToTry(): Promise<{ path: string; version: string }[]> {
  const program = process.platform === "win32" ? "node.exe" : "node";
  const own = systemPath.map((folder) => join(folder, program)).find((path) => existsSync(path));
  const listed = (process.env["STRIA_NODES"] ?? "").split(delimiter).filter((path) => path !== "");
  const nodes = new Map([[process.versions.node, process.execPath]]);
  for (const path of [...(own === undefined ? [] : [own]), ...listed]) {
    const version = (await command(path, ["--version"])).trim().replace("v", "");
    if (!nodes.has(version)) nodes.set(version, path);
  }
  const majorOf = (version: string): string => version.split(".")[0] ?? version;
  return [...nodes]
    .map(([version, path]) => ({ path, version: majorOf(version) }))
    .toSorted((a, b) => Number(a.version) - Number(b.version));
}
