// What a page fetches that trains: the app's bundle for browsers, minified, divided where code is loaded on demand, each file compressed by gzip.
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Row } from "../row.ts";
import type { Case } from "./case.ts";
import { loadedFirst, trainAppBuild } from "./train-app.config.ts";

/** The bundle. */
export function casesOf(): Case[] {
  return [{ name: "lenet5", measure: async () => ({ rows: [await trainingApp()], fallen: [] }) }];
}

/** LeNet-5, Adam and the CPU backend. It needs nothing of what is loaded on demand: that is what other networks would fetch besides. */
async function trainingApp(): Promise<Row> {
  const { outputFiles, metafile } = await build({ ...trainAppBuild, write: false });
  const bytes = new Map(
    outputFiles.map(({ path, contents }) => [relative(process.cwd(), path), gzipSync(contents, { level: 9 }).length]),
  );
  const kilobytes = (files: Iterable<string>): number =>
    [...files].reduce((sum, file) => sum + (bytes.get(file) ?? 0), 0) / 1000;
  const first = kilobytes(loadedFirst(metafile));
  return {
    name: "LeNet-5 with Adam: stria",
    figures: { "kB gzip": first, "kB gzip on demand": kilobytes(bytes.keys()) - first },
  };
}
