// What a page fetches that trains: the app's bundle for browsers, minified, divided where code is loaded on demand, each file compressed by gzip.
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Row } from "../row.ts";

/** LeNet-5, Adam and the CPU backend. It needs nothing of what is loaded on demand: that is what other networks would fetch besides. */
export async function trainingApp(): Promise<Row> {
  const { outputFiles, metafile } = await build({
    entryPoints: { app: fileURLToPath(new URL("programs/train-app.ts", import.meta.url)) },
    outdir: "bundle",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["@stria/source"],
    logLevel: "error",
  });
  const bytes = new Map(
    outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 }).length]),
  );
  const imports = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output.imports]));
  const first = new Set(["app.js"]);
  for (const file of first)
    for (const { path, kind } of imports.get(file) ?? []) if (kind === "import-statement") first.add(basename(path));
  const kilobytes = (files: Iterable<string>): number =>
    [...files].reduce((sum, file) => sum + (bytes.get(file) ?? 0), 0) / 1000;
  return {
    name: "bundle that trains lenet5 with adam, gzip: stria",
    figures: { kB: kilobytes(first), "kB on demand": kilobytes(bytes.keys()) - kilobytes(first) },
  };
}
