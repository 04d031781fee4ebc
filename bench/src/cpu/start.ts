// Starting: from a process' start to LeNet-5's first prediction, and compiling training steps that nothing is known of yet.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { build } from "esbuild";
import type { Row } from "../row.ts";
import { type Case, type Measured, reasonOf } from "./case.ts";
import { compiledNets } from "./compiled-nets.ts";
import { type Figures, figuresOf } from "./contest.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import type { OtherNode } from "./other-nodes.ts";
import { nodeOn, processOf } from "./process-of.ts";
import { onThreads, spreadOf } from "./rows.ts";

/** Every process says what processor time it has taken by then. */
const empty = "const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000))";
const startRounds = 15;
const compileRounds = 5;
const firstPrediction = "first prediction, lenet5";

/** One file with what every run needs in it, and others beside it that are loaded when they are needed, as an app is shipped. */
async function bundle(file: string, outdir: string): Promise<string> {
  await build({
    entryPoints: { app: fileURLToPath(new URL(file, import.meta.url)) },
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    conditions: ["@stria/source"],
    logLevel: "error",
  });
  return join(outdir, "app.js");
}

/** The file alone, on the packages as they are published for Node; undefined where they are not built. */
async function onPackages(file: string, outdir: string): Promise<string | undefined> {
  const packages = ["backend-cpu", "core", "layers"].map((name) => ({
    name: `@stria/${name}`,
    path: fileURLToPath(new URL(`../../../packages/${name}/dist/node/index.js`, import.meta.url)),
  }));
  if (!packages.every(({ path }) => existsSync(path))) return undefined;
  await build({
    entryPoints: { app: fileURLToPath(new URL(file, import.meta.url)) },
    outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    alias: Object.fromEntries(packages.map(({ name, path }) => [name, path])),
    external: packages.map(({ path }) => path),
    logLevel: "error",
  });
  return join(outdir, "app.js");
}

async function firstPredictions(rounds: number, folder: string, nodes: readonly OtherNode[]): Promise<Measured> {
  const path = join(folder, "lenet5");
  await processOf(nodeOn("programs/hand-over.ts", "predict", "lenet5", path));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const stria = await bundle("programs/first-stria.ts", join(folder, "bundle"));
  const installed = await onPackages("programs/first-stria.ts", join(folder, "installed"));
  const contestants: readonly (readonly [name: string, command: readonly string[]])[] = [
    ["empty process", [process.execPath, "-e", empty]],
    ["stria, bundled", [process.execPath, stria]],
    ...(installed === undefined ? [] : [["stria, as installed", [process.execPath, installed]] as const]),
    ...nodes.flatMap((node): (readonly [string, readonly string[]])[] => [
      [node.child.name.replace("stria", "empty process"), [node.path, "-e", empty]],
      [node.child.name.replace("stria", "stria, bundled"), [node.path, stria]],
    ]),
    ["onnxruntime-web", nodeOn("programs/first-peer.ts", "ort", path)],
    ["tfjs-wasm", nodeOn("programs/first-peer.ts", "tfjs", path)],
  ];
  const all = contestants.map(([contestant, command]) => ({
    contestant,
    command,
    wall: [] as number[],
    processor: [] as number[],
    reasons: [] as string[],
  }));
  for (let round = 0; round < rounds; round++)
    for (const { command, wall, processor, reasons } of all) {
      if (reasons.length > 0) continue;
      try {
        const { milliseconds, text } = await processOf(command);
        wall.push(milliseconds);
        processor.push(Number(text));
      } catch (error) {
        reasons.push(reasonOf(error));
      }
    }
  const whole = all.filter(({ reasons }) => reasons.length === 0);
  return {
    rows: whole.map(({ contestant, wall, processor }) => ({
      name: `${firstPrediction}: ${contestant}`,
      ...spreadOf(figuresOf(wall), figuresOf(processor)),
    })),
    fallen: all.flatMap(({ contestant, reasons }) => reasons.map((reason) => ({ contestant, reason }))),
  };
}

async function compilation(name: string, threads: number, rounds: number): Promise<Row> {
  const told: { trace: number; compile: number; processor: number }[] = [];
  for (let round = 0; round < rounds; round++)
    told.push(
      JSON.parse((await processOf(nodeOn("programs/compile.ts", name, String(threads)))).text) as (typeof told)[number],
    );
  const of = (figure: keyof (typeof told)[number]): Figures => figuresOf(told.map((one) => one[figure]));
  const all = figuresOf(told.map(({ trace, compile }) => trace + compile));
  const { figures, ...times } = spreadOf(all, of("processor"));
  return {
    name: `training step compiled, ${name}: stria, ${onThreads(threads)}`,
    ...times,
    figures: { "trace ms": of("trace").median, "compile ms": of("compile").median, ...figures },
  };
}

/** First predictions, and each compilation. Peers are started from their packages, Stria from a bundle and, where `npm run build` has been run, from its packages. */
export function casesOf({ rounds, threads, company }: PartOptions): Case[] {
  const first: Case = {
    name: firstPrediction,
    measure: () => inTemporaryFolder((folder) => firstPredictions(rounds ?? startRounds, folder, company.nodes)),
  };
  const compiled = compiledNets.map(({ name }): Case => ({
    name: `training step compiled, ${name}`,
    async measure() {
      const rows: Row[] = [];
      for (const count of threads) rows.push(await compilation(name, count, rounds ?? compileRounds));
      return { rows, fallen: [] };
    },
  }));
  return [first, ...compiled];
}
