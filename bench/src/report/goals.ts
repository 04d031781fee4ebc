// What is asked of the CPU backend, and what a report reached: the least of what a goal is about.
import { ceilingNames } from "../cpu/ceiling-names.ts";
import type { Row } from "../row.ts";
import { spreadOf, valueOf } from "./figures.ts";
import { markdown } from "./markdown.ts";
import { trainedCases } from "./names.ts";
import type { Report } from "./report.ts";

/** Which figure of whom, in which cases; the worst of them counts. */
interface Goal {
  readonly title: string;
  readonly part: string;
  /** Names of cases, as a pattern. */
  readonly cases: RegExp;
  /** `at most` where less is better. */
  readonly bound: "at least" | "at most";
  readonly wanted: number;
  readonly contestant: string;
  readonly figure: string;
  readonly unit?: string;
  /** What is to be known of it besides, of the case that counts. */
  readonly remark?: (report: Report, at: string) => string;
}

const [one, two] = ["stria, 1 thread", "stria, 2 threads"];
const mean = /^geometric mean$/;
const only = (...names: readonly string[]): RegExp => new RegExp(`^(${names.join("|")})$`);

/** One goal for a figure on one thread, in processor time, and the same on two, by the clock. */
function onBoth(goal: Omit<Goal, "contestant" | "bound">): Goal[] {
  const { title, figure } = goal;
  return [
    { ...goal, bound: "at least", title: `${title}, 1 thread`, contestant: one, figure: `${figure}, processor` },
    { ...goal, bound: "at least", title: `${title}, 2 threads`, contestant: two, figure },
  ];
}

/** One for a figure on one thread. */
function onOne(title: string, part: string, cases: RegExp, wanted: number, figure: string, unit?: string): Goal {
  return { title, part, cases, bound: "at least", wanted, contestant: one, figure, ...(unit && { unit }) };
}

const peer = "times better peer, processor";
const { lenet, conv, resnet, unet, vgg, dense } = trainedCases;
const anyNet = /^(?!geometric mean$|least$)/;

const otherLayers = [
  ["1 x 1 convolutions", /^conv1x1/],
  ["7 x 7 convolution, stride 2", /^conv7x7/],
  ["depthwise convolutions, stride 1 and 2", /^dw/],
  ["max pooling", /^maxpool/],
  ["batch norm and rectifier", /^bnrelu/],
  ["softmax, of one row and of 64", /^softmax/],
  ["global pooling", /^gap/],
] as const;

const goals: readonly Goal[] = [
  onOne("matrix product 512 x 512 x 512, share of the peak", "micro", /^gemm512$/, 92, "% of peak", " %"),
  onOne("the same, times the better peer", "micro", /^gemm512$/, 1.3, peer),
  onOne(
    "3 x 3 convolutions of 64 to 256 channels, times the better peer",
    "micro",
    /^conv3x3_(64|128|256)x/,
    3.5,
    peer,
  ),
  onOne("3 x 3 convolutions of 512 channels, times the better peer", "micro", /^conv3x3_512x/, 2.5, peer),
  onOne(
    "3 x 3 convolutions of 64 and 128 channels, times onnxruntime-node",
    "micro",
    /^conv3x3_(64|128)x/,
    1,
    "times onnxruntime-node, processor",
  ),
  ...otherLayers.map(([name, cases]) => onOne(`${name}, times the better peer`, "micro", cases, 1.1, peer)),
  ...onBoth({
    title: "inference, geometric mean, times the better peer",
    part: "inference",
    cases: mean,
    wanted: 2,
    figure: "times better peer",
  }),
  ...onBoth({
    title: "inference, every network, times the better peer",
    part: "inference",
    cases: anyNet,
    wanted: 1.2,
    figure: "times better peer",
  }),
  onOne("VGG-16, times PyTorch", "inference", /^vgg16$/, 1, "times PyTorch, processor"),
  onOne("ResNet-18, times PyTorch", "inference", /^resnet18$/, 0.8, "times PyTorch, processor"),
  ...onBoth({
    title: "training step, geometric mean, times PyTorch at 128 bits",
    part: "training",
    cases: mean,
    wanted: 3,
    figure: "times PyTorch, 128-bit",
  }),
  ...onBoth({
    title: "training step, every network, times PyTorch at 128 bits",
    part: "training",
    cases: anyNet,
    wanted: 1.5,
    figure: "times PyTorch, 128-bit",
  }),
  ...onBoth({
    title: "training step, geometric mean, times PyTorch",
    part: "training",
    cases: mean,
    wanted: 0.9,
    figure: "times PyTorch",
  }),
  ...onBoth({
    title: "VGG-like and DenseNet-40, times PyTorch",
    part: "training",
    cases: only(vgg, dense),
    wanted: 1,
    figure: "times PyTorch",
  }),
  ...onBoth({
    title: "U-Net, ResNet-20, LeNet-5 and convolutions to 24, 32 channels, times PyTorch",
    part: "training",
    cases: only(unet, resnet, lenet, conv),
    wanted: 0.75,
    figure: "times PyTorch",
  }),
  onOne("VGG-like, share of the peak over a step", "training", only(vgg), 250, "% of peak", " %"),
  onOne("ResNet-20, share of the peak over a step", "training", only(resnet), 130, "% of peak", " %"),
  onOne("DenseNet-40, share of the peak over a step", "training", only(dense), 100, "% of peak", " %"),
  onOne("LeNet-5, share of the peak over a step", "training", only(lenet), 50, "% of peak", " %"),
  {
    ...onOne(
      "2 threads over 1, whole step, but for LeNet-5",
      "training",
      only(conv, resnet, unet, vgg, dense),
      1.75,
      "times 1 thread",
    ),
    contestant: two,
    remark: besideCeilings,
  },
  {
    ...onOne("2 threads over 1, LeNet-5", "training", only(lenet), 1.5, "times 1 thread"),
    contestant: two,
    remark: besideCeilings,
  },
  {
    title: "memory of a step above an empty process, times PyTorch's above what it has loaded",
    part: "memory",
    cases: anyNet,
    bound: "at most",
    wanted: 1,
    contestant: one,
    figure: "in all, times PyTorch's",
  },
  {
    title: "LeNet-5's training step is compiled, ms",
    part: "start",
    cases: only(`training step compiled, ${lenet}`),
    bound: "at most",
    wanted: 60,
    contestant: one,
    figure: "median ms",
  },
  {
    title: "ResNet-50's training step is compiled, ms",
    part: "start",
    cases: /^training step compiled, resnet50/,
    bound: "at most",
    wanted: 1500,
    contestant: one,
    figure: "median ms",
  },
  {
    title: "first prediction from the start of a process, ms",
    part: "start",
    cases: /^first prediction/,
    bound: "at most",
    wanted: 60,
    contestant: "stria, bundled",
    figure: "median ms",
    remark: besideProcesses,
  },
  {
    title: "demo, test accuracy",
    part: "demo",
    cases: anyNet,
    bound: "at least",
    wanted: 99.05,
    contestant: two,
    figure: "accuracy %",
    unit: " %",
  },
  {
    title: "demo, training, seconds",
    part: "demo",
    cases: anyNet,
    bound: "at most",
    wanted: 60,
    contestant: two,
    figure: "training s",
  },
  {
    title: "bundle of a training app, kB gzip",
    part: "bundle",
    cases: anyNet,
    bound: "at most",
    wanted: 80,
    contestant: "stria",
    figure: "kB gzip",
  },
];

function rowOf({ parts }: Report, part: string, name: string, contestant: string): Row | undefined {
  return parts.get(part)?.get(name)?.get(contestant);
}

function number(value: number): string {
  return String(Number(value.toPrecision(value >= 99 && value < 100 ? 4 : 3)));
}

/** The same by the shortest steps, and what the threads of the machine can do at all in the rounds of the case. */
function besideCeilings(report: Report, at: string): string {
  const of = (contestant: string): Row | undefined => rowOf(report, "training", at, contestant);
  const reachedBy = (contestant: string): number | undefined => of(contestant)?.figures["times 1 thread"];
  const [ours, alone, together] = [reachedBy(two), of(one)?.fastest, of(two)?.fastest];
  const shortest = alone === undefined || together === undefined ? [] : [`by the shortest ${number(alone / together)}`];
  const limits = Object.values(ceilingNames).flatMap((name) => {
    const limit = reachedBy(`${name}, 2 threads`);
    const share = ours === undefined || limit === undefined ? "" : ` (${Math.round((ours / limit) * 100)} % of that)`;
    return limit === undefined ? [] : [`a ${name} in the same rounds ${number(limit)}${share}`];
  });
  return [...shortest, ...limits].join(", ");
}

/** What other processes take from their start on the machine on which 60 ms were asked for, ms. */
const then = { "empty process": 23, "tfjs-wasm": 57 } as const;

/** The same as multiples of other processes in the same rounds; asked are those of the machine on which the goal was set. */
function besideProcesses(report: Report, at: string): string {
  const ours = rowOf(report, "start", at, "stria, bundled")?.median;
  return Object.entries(then)
    .flatMap(([name, milliseconds]) => {
      const theirs = rowOf(report, "start", at, name)?.median;
      const asked = `60 / ${milliseconds} = ${number(60 / milliseconds)} where the goal was set`;
      return ours === undefined || theirs === undefined
        ? []
        : [`${number(ours / theirs)} times ${name === "empty process" ? "an empty process" : name} (${asked})`];
    })
    .join(", ");
}

/** Between what half of all rounds lie, and the best of them. */
function spreadRemark(row: Row | undefined, { figure, unit = "" }: Goal): string {
  const spread = spreadOf(row, figure);
  const best = figure === "median ms" ? row?.fastest : row?.figures[`${figure}, by the shortest`];
  if (!spread || best === undefined) return "";
  return `half of all ${spread.map(number).join(" to ")}${unit}, by the shortest ${number(best)}${unit}`;
}

/** The worst of what a report has for a goal, and the case that has it. */
function reached(
  report: Report,
  { part, cases, contestant, figure, bound }: Goal,
): { value: number; at: string; of: number } | undefined {
  const found = [...(report.parts.get(part) ?? [])].flatMap(([name, rows]) => {
    const row = rows.get(contestant);
    const value = valueOf(row, figure);
    return cases.test(name) && value !== undefined ? [{ value, at: name }] : [];
  });
  const order = bound === "at least" ? 1 : -1;
  const worst = found.toSorted((a, b) => order * (a.value - b.value))[0];
  return worst && { ...worst, of: found.length };
}

/** A line a goal: what is asked, the worst that was reached, where that is one of several, whether it holds, and what is to be known besides. */
export function goalsTable(report: Report): string[] {
  const lines = goals.map((goal) => {
    const { title, bound, wanted, unit = "", part, contestant, remark } = goal;
    const asked = `${bound} ${wanted}${unit}`;
    const found = reached(report, goal);
    if (!found) return [title, asked, "", "", ""];
    const holds = bound === "at least" ? found.value >= wanted : found.value <= wanted;
    const where = found.of > 1 ? ` (${found.at})` : "";
    const spread = spreadRemark(rowOf(report, part, found.at, contestant), goal);
    const remarks = [spread, remark?.(report, found.at) ?? ""].filter((words) => words !== "");
    return [title, asked, `${number(found.value)}${unit}${where}`, holds ? "yes" : "no", remarks.join("; ")];
  });
  return markdown(["", "asked", "reached", "holds", ""], lines);
}
