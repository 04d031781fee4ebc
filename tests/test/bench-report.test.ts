// The page that a bench report becomes: a line a case, with the figures of the report, and a bar for each peer.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { demoRow } from "../../bench/src/cpu/demo.ts";
import { goalsTable } from "../../bench/src/report/goals.ts";
import { pictureOf } from "../../bench/src/report/picture.ts";
import { readReport } from "../../bench/src/report/report.ts";
import { inferenceSentence } from "../../bench/src/report/summary.ts";
import {
  figuresTable,
  leftTable,
  nodeTable,
  otherNodes,
  shortTable,
  startTable,
  tableOf,
} from "../../bench/src/report/tables.ts";

const times = { "times PyTorch, processor": 1.6, "times PyTorch, 128-bit, processor": 4.25 };
const rows = [
  {
    name: "lenet5_b64: stria, 1 thread",
    part: "training",
    median: 9,
    figures: { "processor ms": 6.25, "% of peak": 44.4, ...times },
  },
  { name: "lenet5_b64: PyTorch, 1 thread", part: "training", median: 12, figures: { "processor ms": 9.375 } },
  { name: "training, geometric mean: stria, 1 thread", part: "training", figures: times },
  { name: "first prediction, lenet5: stria", part: "start", median: 123.4, figures: { "processor ms": 61.24 } },
];

async function reportOf(written: object) {
  const folder = await mkdtemp(join(tmpdir(), "stria-report-"));
  try {
    await writeFile(join(folder, "report.json"), JSON.stringify(written));
    return await readReport(join(folder, "report.json"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("a bench report becomes tables and a picture", async () => {
  const report = await reportOf({ suite: "cpu", machine: "a machine", date: "2026-01-02", rows });
  expect(tableOf(report, "training")).toEqual([
    "| | Stria, 1 thread | PyTorch | times as fast | than at 128 bits | share of the peak |",
    "|---|---|---|---|---|---|",
    "| LeNet-5, batch 64 | 6.25 | 9.38 | 1.6 | 4.25 | 44 % |",
    "| geometric mean | | | 1.6 | 4.25 | |",
  ]);
  expect(startTable(report).at(-1)).toBe("| first prediction, LeNet-5, one image: stria | 123 | 61.2 | |");
  const picture = pictureOf(report);
  expect(picture).toContain("Training step");
  expect(picture).not.toContain("Inference");
  expect(picture.match(/>(1\.6|4\.3)</gu)).toEqual([">1.6<", ">4.3<"]);
});

it("goals stand beside the worst that was reached; what was not measured is empty", async () => {
  const share = (name: string, value: number) => ({
    name: `${name}: stria, 1 thread`,
    part: "training",
    figures: { "times PyTorch, processor": value },
  });
  const [good, bad] = [share("resnet20_b32", 1.5), share("unet16_128_b2", 0.7)];
  const lines = goalsTable(
    await reportOf({ suite: "cpu", machine: "a machine", date: "2026-01-02", rows: [good, bad, ...rows] }),
  );
  const about = (title: string): string[] => lines.filter((line) => line.startsWith(`| ${title}`));
  expect(about("U-Net, ResNet-20")).toEqual([
    "| U-Net, ResNet-20, LeNet-5 and convolutions to 24, 32 channels, times PyTorch, 1 thread | at least 0.75 | 0.7 (unet16_128_b2) | no | |",
    "| U-Net, ResNet-20, LeNet-5 and convolutions to 24, 32 channels, times PyTorch, 2 threads | at least 0.75 | | | |",
  ]);
  expect(about("training step, geometric mean, times PyTorch, 1 thread")).toEqual([
    "| training step, geometric mean, times PyTorch, 1 thread | at least 0.9 | 1.6 | yes | |",
  ]);
  expect(about("LeNet-5, share")).toEqual([
    "| LeNet-5, share of the peak over a step | at least 50 % | 44.4 % | no | |",
  ]);
});

it("another Node has a table, the demo a line, and each goal is held to the worst case", async () => {
  const demo = "LeNet-5 on MNIST, 60000 images, backend cpu\n\ntest accuracy 99.01 % in 4 epochs, 28 s\n";
  const report = await reportOf({
    suite: "cpu",
    machine: "a machine",
    date: "2026-01-02",
    rows: [
      {
        name: "vggish_b16: stria, 1 thread",
        part: "training",
        figures: { "processor ms": 5, "times stria, Node 20, processor": 1.5, "times PyTorch, processor": 1.2 },
      },
      { name: "vggish_b16: stria, Node 20, 1 thread", part: "training", figures: { "processor ms": 7.5 } },
      { name: "densenet40_b16: stria, 1 thread", part: "training", figures: { "times PyTorch, processor": 0.9 } },
      { ...demoRow(demo, 2), part: "demo" },
    ],
  });
  expect(otherNodes(report)).toEqual(["Node 20"]);
  expect(nodeTable(report, "Node 20")[2]).toMatch(
    /^\| training: VGG-like of 64 to 256 channels, batch 16 \| 5 \| 7\.5 \| 1\.5 \|/,
  );
  expect(figuresTable(report, "demo")[2]).toBe("| LeNet-5 on MNIST, 60000 images | 99.01 | 28 | 4 |");
  const goals = goalsTable(report);
  expect(goals).toContain(
    "| VGG-like and DenseNet-40, times PyTorch, 1 thread | at least 1 | 0.9 (densenet40_b16) | no | |",
  );
  expect(goals).toContain("| demo, test accuracy | at least 99.05 % | 99.01 % | no | |");
  expect(goals).toContain("| demo, training, seconds | at most 60 | 28 | yes | |");
  expect(() => demoRow("nothing", 2)).toThrow("the demo told no accuracy");
});

it("what the machine disturbed stands beside medians, and what it can do beside the goals that depend on it", async () => {
  const report = await reportOf({
    suite: "cpu",
    machine: "a machine",
    date: "2026-01-02",
    rows: [
      {
        name: "vggish_b16: stria, 1 thread",
        part: "training",
        figures: {
          "processor ms": 125,
          "processor lower quartile ms": 96.5,
          "processor upper quartile ms": 147,
          "% of peak": 206,
          "% of peak, lower quartile": 175.2,
          "% of peak, upper quartile": 267,
          "% of peak, by the shortest": 275,
        },
        fastest: 90,
      },
      {
        name: "vggish_b16: stria, 2 threads",
        part: "training",
        median: 70,
        fastest: 60,
        figures: { "times 1 thread": 1.2 },
      },
      { name: "vggish_b16: register loop, 2 threads", part: "training", figures: { "times 1 thread": 1.6 } },
      { name: "vggish_b16: copy of 64 MB, 2 threads", part: "training", figures: { "times 1 thread": 1.25 } },
      { name: "first prediction, lenet5: empty process", part: "start", median: 40, fastest: 39, figures: {} },
      { name: "first prediction, lenet5: tfjs-wasm", part: "start", median: 100, fastest: 95, figures: {} },
      { name: "first prediction, lenet5: stria, bundled", part: "start", median: 90, fastest: 80, figures: {} },
    ],
    left: [
      { part: "inference", case: "vgg16", contestant: "tfjs-wasm, 2 threads", reason: "was killed:\nno | memory" },
    ],
  });
  expect(tableOf(report, "training")).toEqual([
    "| | Stria, 1 thread | share of the peak | Stria, 2 threads | as 1 thread | register loop on 2, as on 1 | copy of 64 MB on 2, as on 1 |",
    "|---|---|---|---|---|---|---|",
    "| VGG-like of 64 to 256 channels, batch 16 | 125 (96.5-147) | 206 % (175-267) | 70 | 1.2 | 1.6 | 1.25 |",
  ]);
  expect(shortTable(report)[2]).toBe("| VGG-like of 64 to 256 channels, batch 16 | 125 | 206 % | 70 | 1.2 |");
  expect(startTable(report)[2]).toBe("| first prediction, LeNet-5, one image: empty process | 40 | | 39 |");
  expect(leftTable(report)[2]).toBe("| inference: VGG-16 | tfjs-wasm, 2 threads | was killed: no / memory |");
  const goals = goalsTable(report);
  const about = (title: string): string => goals.find((line) => line.startsWith(`| ${title}`)) ?? "";
  expect(about("VGG-like, share")).toBe(
    "| VGG-like, share of the peak over a step | at least 250 % | 206 % | no | half of all 175 to 267 %, by the shortest 275 % |",
  );
  expect(about("2 threads over 1, whole step")).toBe(
    "| 2 threads over 1, whole step, but for LeNet-5 | at least 1.75 | 1.2 | no | by the shortest 1.5, a register loop in the same rounds 1.6 (75 % of that), a copy of 64 MB in the same rounds 1.25 (96 % of that) |",
  );
  expect(about("first prediction")).toBe(
    "| first prediction from the start of a process, ms | at most 60 | 90 | no | 2.25 times an empty process (60 / 23 = 2.61 where the goal was set), 0.9 times tfjs-wasm (60 / 57 = 1.05 where the goal was set) |",
  );
});

it("inference is a sentence, where everybody took part", async () => {
  const stria = (name: string, figures: Readonly<Record<string, number>>, threads = "1 thread") => ({
    name: `${name}: stria, ${threads}`,
    part: "inference",
    figures,
  });
  const [peer, torch] = ["times better peer, processor", "times PyTorch, processor"];
  const measured = [
    stria("alexnet", { [peer]: 1.84 }),
    stria("vgg16", { [peer]: 4.82 }),
    stria("inference, geometric mean", { [peer]: 2.98, [torch]: 1.67 }),
    stria("inference, geometric mean", { "times better peer": 2.6 }, "2 threads"),
  ];
  const heading = { suite: "cpu", machine: "a machine", date: "2026-01-02" };
  expect(inferenceSentence(await reportOf({ ...heading, rows: measured }))).toBe(
    "Inference of 2 networks is 3.0 times as fast as the better of onnxruntime-web and tfjs-wasm on one thread (least: AlexNet, 1.8), 2.6 times on two, and 1.7 times as fast as PyTorch with AVX-512.",
  );
  expect(inferenceSentence(await reportOf({ ...heading, rows: measured.slice(0, 3) }))).toBeUndefined();
});

it("what is no bench report is refused", async () => {
  await expect(reportOf({ suite: "gemm", rows: [] })).rejects.toThrow(
    "is no report of `npm run bench -- cpu --json FILE`",
  );
});
