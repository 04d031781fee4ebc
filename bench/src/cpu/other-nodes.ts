// Stria in other Nodes than this one, as contestants: a bundle in a process of each, since older Nodes run no TypeScript.
import { join } from "node:path";
import { build } from "esbuild";
import { nodesToTry } from "../../../tools/src/nodes.ts";
import { Child } from "./child.ts";
import { processOf } from "./process-of.ts";

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

/** Stria's program for each of them, as a bundle in a folder. */
export async function otherNodes(named: string | undefined, program: string, folder: string): Promise<OtherNode[]> {
  const paths = await pathsOf(named);
  if (paths.length === 0) return [];
  await build({
    entryPoints: { stria: program },
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
  return Promise.all(
    paths.map(async (path) => {
      const { text } = await processOf([path, "--print", "process.versions.node"]);
      const command = [path, "--expose-gc", join(folder, "stria.mjs")];
      return { path, child: new Child(`stria, Node ${text.trim().split(".")[0]}`, command) };
    }),
  );
}
