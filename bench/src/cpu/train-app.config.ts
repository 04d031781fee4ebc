// How the app that trains is bundled, for the bench and for the size that it may have: for a page, minified, divided where code is loaded on demand.
import { fileURLToPath } from "node:url";
import type { BuildOptions, Metafile } from "esbuild";

export const trainAppBuild: BuildOptions & { readonly metafile: true } = {
  entryPoints: { app: fileURLToPath(new URL("programs/train-app.ts", import.meta.url)) },
  outdir: fileURLToPath(new URL("../../../node_modules/.cache/train-app", import.meta.url)),
  metafile: true,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "browser",
  conditions: ["@stria/source"],
  logLevel: "error",
};

/** The files that a page fetches before the app runs: its own, and what that imports. */
export function loadedFirst({ outputs }: Metafile): ReadonlySet<string> {
  const first = new Set(Object.keys(outputs).filter((file) => outputs[file]?.entryPoint?.endsWith("train-app.ts")));
  for (const file of first)
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === "import-statement") first.add(path);
  return first;
}

/** For size-limit, which adds up all files that a build lists. */
const options: BuildOptions = {
  ...trainAppBuild,
  plugins: [
    {
      name: "loaded-first",
      setup(build) {
        build.onEnd(({ metafile }) => {
          if (!metafile) return;
          const first = loadedFirst(metafile);
          for (const file of Object.keys(metafile.outputs)) if (!first.has(file)) delete metafile.outputs[file];
        });
      },
    },
  ],
};

export default options;
