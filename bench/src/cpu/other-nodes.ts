// Stria in other Nodes than this one, as contestants: a bundle in a process of each, since older Nodes run no TypeScript.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodesToTry } from "../../../tools/src/nodes.ts";
import { Child } from "./child.ts";

export interface OtherNode {
  readonly path: string;
  /** Its name is `stria, Node 20`. */
  readonly child: Child;
}

/** The Nodes that were named, separated by commas, or those beside this one that are at hand; `none` for none. */
async function pathsOf(named: string | undefined): Promise<readonly string[]> {
  if (named === undefined)
    return (await nodesToTry()).map(({ path }) => path).filter((path) => path !== process.execPath);
  return named === "none" ? [] : named.split(",");
}

/** Starts them, on a bundle that is written to a folder. */
export async function startOtherNodes(named: string | undefined, folder: string): Promise<OtherNode[]> {
  const paths = await pathsOf(named);
  if (paths.length === 0) return [];
  await build({
    entryPoints: [fileURLToPath(new URL("programs/in-other-node.ts", import.meta.url))],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: ["@stria/source"],
    logLevel: "error",
  });
  const nodes: OtherNode[] = [];
  for (const path of paths) {
    const child = new Child(path, [path, join(folder, "in-other-node.mjs")]);
    const { version, relaxedMultiplyAdd } = await child.reply();
    console.log(`Node ${String(version)}: relaxed SIMD ${String(relaxedMultiplyAdd)}`);
    child.name = `stria, Node ${String(version).split(".")[0]}`;
    nodes.push({ path, child });
  }
  return nodes;
}
