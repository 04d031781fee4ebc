// Starting: from a process' start to LeNet-5's first prediction, and compiling training steps that nothing is known of yet.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { compile, fromHost, type Tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { build } from "esbuild";
import type { Row } from "../row.ts";
import { compiledNets } from "./compiled-nets.ts";
import { figuresOf } from "./contest.ts";
import { inTemporaryFolder } from "./folder.ts";
import { fill, inferenceNets } from "./inference-nets.ts";
import type { PartOptions } from "./options.ts";
import type { OtherNode } from "./other-nodes.ts";
import { nodeOn, processOf } from "./process-of.ts";
import { writeGraph } from "./web/files.ts";
import { peerGraphOf } from "./web/from-stria.ts";

/** Every process says what processor time it has taken by then. */
const empty = "const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000))";
const startRounds = 11;
const compileRounds = 3;

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

/** LeNet-5 for the peers. */
async function lenetFiles(path: string): Promise<void> {
  const net = inferenceNets.find(({ name }) => name === "lenet5");
  if (!net) throw new RangeError("lenet5");
  await useBackend(reference());
  const model = await net.make();
  const values = await fill(model);
  const x = fromHost(new Float32Array(net.input.reduce((all, length) => all * length, 1)), [...net.input], "float32");
  await writeGraph(path, await peerGraphOf(compile((y: Tensor) => model.forward(y)).graph(x), values));
}

async function firstPredictions(rounds: number, folder: string, nodes: readonly OtherNode[]): Promise<Row[]> {
  const path = join(folder, "lenet5");
  await lenetFiles(path);
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
  const times = contestants.map(() => ({ wall: [] as number[], processor: [] as number[] }));
  for (let round = 0; round < rounds; round++)
    for (const [index, [, command]] of contestants.entries()) {
      const { milliseconds, text } = await processOf(command);
      times[index]?.wall.push(milliseconds);
      times[index]?.processor.push(Number(text));
    }
  return contestants.map(([name], index) => {
    const { median, p10, p90 } = figuresOf(times[index]?.wall ?? []);
    const processor = figuresOf(times[index]?.processor ?? []).median;
    const figures = { "p90 ms": p90, "processor ms": processor };
    return { name: `first prediction, lenet5: ${name}`, median, fastest: p10, figures };
  });
}

async function compilation(name: string, threads: number, rounds: number): Promise<Row> {
  const told: { trace: number; compile: number; processor: number }[] = [];
  for (let round = 0; round < rounds; round++)
    told.push(
      JSON.parse((await processOf(nodeOn("programs/compile.ts", name, String(threads)))).text) as (typeof told)[number],
    );
  const of = (figure: keyof (typeof told)[number]): number => figuresOf(told.map((one) => one[figure])).median;
  const all = figuresOf(told.map(({ trace, compile: compiling }) => trace + compiling));
  return {
    name: `training step compiled, ${name}: stria, ${threads} thread${threads === 1 ? "" : "s"}`,
    median: all.median,
    fastest: all.p10,
    figures: { "trace ms": of("trace"), "compile ms": of("compile"), "processor ms": of("processor") },
  };
}

/** Everything, or what the filter leaves. Peers are started from their packages, Stria from a bundle and, where `npm run build` has been run, from its packages. */
export async function measure({ filter, rounds, threads, nodes }: PartOptions): Promise<Row[]> {
  const rows: Row[] = [];
  if ("lenet5".includes(filter))
    rows.push(...(await inTemporaryFolder((folder) => firstPredictions(rounds ?? startRounds, folder, nodes))));
  for (const { name } of compiledNets)
    if (name.includes(filter))
      for (const count of threads) rows.push(await compilation(name, count, rounds ?? compileRounds));
  return rows;
}
