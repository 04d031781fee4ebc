// `npm run bench:report -- FILE`: docs/bench-cpu.md and its picture, and the table of the README, from what `npm run bench -- cpu --json FILE` measured.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { pictureOf } from "./picture.ts";
import { readReport } from "./report.ts";
import { goalsTable } from "./goals.ts";
import { inferenceSentence } from "./summary.ts";
import { figuresTable, leftTable, nodeTable, otherNodes, shortTable, startTable, tableOf } from "./tables.ts";

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: npm run bench:report -- FILE, which `npm run bench -- cpu --python python3 --json FILE` wrote");
  process.exit(2);
}

const place = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const report = await readReport(file);
const has = (part: string): boolean => report.parts.has(part);

/** A heading, what is to be known, and the table, of parts that were measured. */
function section(part: string, title: string, words: string, table: readonly string[]): string[] {
  return has(part) ? [`## ${title}`, "", words, "", ...table, ""] : [];
}

const page = [
  "# The CPU backend beside its peers",
  "",
  `${report.machine}, ${report.date}. Medians of interleaved rounds, in brackets what half of all rounds lie between: what the machine disturbed; milliseconds, on one thread processor time, which neighbours of a shared machine leave alone, on two the clock. Made by`,
  "",
  "```sh",
  "npm run bench -- cpu --json report.json    # PyTorch where python3 has it, other Nodes where they are at hand; onnxruntime-node with --onnxruntime-node FOLDER; --resume goes on with a report that is not whole",
  "npm run bench:report -- report.json",
  "```",
  "",
  "![Bars: how many times as fast as each peer](pictures/bench-cpu.svg)",
  "",
  ...section(
    "training",
    "Training steps",
    "Forward, backward and SGD with momentum, beside PyTorch as it is installed (AVX-512) and held to 128-bit vectors, which is what WebAssembly has. The share is of what a register loop of multiply-adds reaches in the same run; Winograd's convolutions multiply less than they are counted for, so it may exceed 100 %. Samples are rows of steps of at least 200 ms, as a loop makes them. The last columns are what this machine can do at all: two threads over one of it, in the same rounds, on registers alone, which share nothing, and copying memory, which share what leads there.",
    tableOf(report, "training"),
  ),
  ...section(
    "inference",
    "Inference",
    "The same numbers on everybody, answers compared; batch norm folded for the peers, as their converters do. One image where nothing else is said.",
    tableOf(report, "inference"),
  ),
  ...section(
    "micro",
    "Single layers",
    "Names say the kind, channels and side of the image. onnxruntime-node is native, with the widest vectors that the processor has.",
    tableOf(report, "micro"),
  ),
  ...section(
    "start",
    "Start",
    "From the start of a process to LeNet-5's first prediction; and training steps traced and compiled in a fresh process.",
    startTable(report),
  ),
  ...section(
    "memory",
    "Memory",
    "The most that a process takes which trains, in MB, above one that does nothing, and above itself before the first step. Ours in all, modules and backend included, stands beside what PyTorch takes above what it has loaded.",
    tableOf(report, "memory"),
  ),
  ...section(
    "bundle",
    "What a page fetches",
    "The bundle of an app that trains LeNet-5 with Adam on the CPU backend, in kB after gzip.",
    figuresTable(report, "bundle"),
  ),
  ...section("demo", "The demo", "`npm run demo`, training by the clock.", figuresTable(report, "demo")),
  ...otherNodes(report).flatMap((node) => [
    `## ${node}`,
    "",
    `Stria in ${node}, interleaved with the rest; the peers run in the Node of the other tables. Without relaxed SIMD a multiplication and an addition are two instructions, and its engine has an older compiler.`,
    "",
    ...nodeTable(report, node),
    "",
  ]),
  ...(report.left.length === 0
    ? []
    : [
        "## Left out",
        "",
        "Who died, or answered wrongly, and has no figures therefore.",
        "",
        ...leftTable(report),
        "",
      ]),
  "## Goals",
  "",
  "What is asked of each figure, and what this run reached; empty where nothing was measured for it. Medians are judged; a remark says between what half of all rounds lie, and what the machine does in the same rounds.",
  "",
  ...goalsTable(report),
];
await writeFile(place("docs/bench-cpu.md"), `${page.join("\n").trimEnd()}\n`);
await writeFile(place("docs/pictures/bench-cpu.svg"), pictureOf(report));

const sentence = inferenceSentence(report);
const [begin, end] = ["<!-- the table of npm run bench:report -->", "<!-- end of the table -->"];
const readme = await readFile(place("README.md"), "utf8");
const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
if (has("training") && from >= 0 && to > from)
  await writeFile(
    place("README.md"),
    `${readme.slice(0, from + begin.length)}\n${[...shortTable(report), ...(sentence === undefined ? [] : ["", sentence])].join("\n")}\n${readme.slice(to)}`,
  );
