// Run in a package by its build: writes the entry points that its exports have for Node, each with all its modules in one file. Node takes longer to find
// and read hundreds of files than to run what is in them; bundlers get the single modules, of which they take what a page needs.
import { readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

/** The conditions of one entry of `exports`, from condition to path; `./package.json` is a path alone. */
type Entry = string | Readonly<Record<string, string>>;

const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Readonly<Record<string, Entry>> };
const outdir = join("dist", "node");
const entryPoints = Object.values(exports).flatMap((entry) => {
  const source = typeof entry === "string" ? undefined : entry["@stria/source"];
  const target = typeof entry === "string" ? undefined : entry["node"];
  if (source === undefined || target === undefined) return [];
  return [{ in: source, out: relative(outdir, target).replace(/\.js$/, "") }];
});
if (entryPoints.length === 0) throw new Error("package.json has no entry for Node");
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints,
  outdir,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "es2022",
  // V8 compiles function expressions faster than arrow functions that stand in one another: a first prediction of installed packages came about a tenth
  // sooner. Lines stay lines, so that errors show theirs.
  supported: { arrow: false },
  minifySyntax: true,
  packages: "external",
  conditions: ["@stria/source"], // for imports of the package's own, by #: from the sources, as everything else
  sourcemap: true,
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
});
