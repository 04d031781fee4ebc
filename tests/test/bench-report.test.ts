// The page that a bench report becomes: a line a case, with the figures of the report, and a bar for each peer.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { demoRow } from "../../bench/src/cpu/demo.ts";
import { goalsTable } from "../../bench/src/report/goals.ts";
import { pictureOf } from "../../bench/src/report/picture.ts";
import { readReport } from "../../bench/src/report/report.ts";
import { figuresTable, nodeTable, otherNodes, startTable, tableOf } from "../../bench/src/report/tables.ts";

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
  expect(startTable(report).at(-1)).toBe("| first prediction, LeNet-5, one image: stria | 123 | 61.2 |");
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
    "| U-Net, ResNet-20, LeNet-5 and convolutions to 24, 32 channels, times PyTorch, 1 thread | at least 0.75 | 0.7 (unet16_128_b2) | no |",
    "| U-Net, ResNet-20, LeNet-5 and convolutions to 24, 32 channels, times PyTorch, 2 threads | at least 0.75 |  |  |",
  ]);
  expect(about("training step, geometric mean, times PyTorch, 1 thread")).toEqual([
    "| training step, geometric mean, times PyTorch, 1 thread | at least 0.9 | 1.6 | yes |",
  ]);
  expect(about("LeNet-5, share")).toEqual(["| LeNet-5, share of the peak over a step | at least 50 % | 44.4 % | no |"]);
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
    "| VGG-like and DenseNet-40, times PyTorch, 1 thread | at least 1 | 0.9 (densenet40_b16) | no |",
  );
  expect(goals).toContain("| demo, test accuracy | at least 99.05 % | 99.01 % | no |");
  expect(goals).toContain("| demo, training, seconds | at most 60 | 28 | yes |");
  expect(() => demoRow("nothing", 2)).toThrow("the demo told no accuracy");
});

it("what is no bench report is refused", async () => {
  await expect(reportOf({ suite: "gemm", rows: [] })).rejects.toThrow(
    "is no report of `npm run bench -- cpu --json FILE`",
  );
});
