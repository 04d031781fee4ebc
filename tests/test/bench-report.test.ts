// The page that a bench report becomes: a line a case, with the figures of the report, and a bar for each peer.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { goalsTable } from "../../bench/src/report/goals.ts";
import { pictureOf } from "../../bench/src/report/picture.ts";
import { readReport } from "../../bench/src/report/report.ts";
import { startTable, tableOf } from "../../bench/src/report/tables.ts";

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

it("what is no bench report is refused", async () => {
  await expect(reportOf({ suite: "gemm", rows: [] })).rejects.toThrow(
    "is no report of `npm run bench -- cpu --json FILE`",
  );
});
