// The tables of a report, in Markdown.
import { ceilingNames } from "../cpu/ceiling-names.ts";
import type { Row } from "../row.ts";
import { spreadOf, valueOf } from "./figures.ts";
import { markdown } from "./markdown.ts";
import { nameOf } from "./names.ts";
import type { Report } from "./report.ts";

interface Column {
  readonly title: string;
  readonly contestant: string;
  readonly figure: string;
}

const [one, two] = ["stria, 1 thread", "stria, 2 threads"];
const column = (title: string, contestant: string, figure: string): Column => ({ title, contestant, figure });

const inference: readonly Column[] = [
  column("Stria, 1 thread", one, "processor ms"),
  column("onnxruntime-web", "onnxruntime-web, 1 thread", "processor ms"),
  column("tfjs-wasm", "tfjs-wasm, 1 thread", "processor ms"),
  column("PyTorch", "PyTorch, 1 thread", "processor ms"),
  column("times the better WebAssembly peer", one, "times better peer, processor"),
  column("times onnxruntime-node", one, "times onnxruntime-node, processor"),
  column("times PyTorch", one, "times PyTorch, processor"),
  column("Stria, 2 threads", two, "median ms"),
  column("times the better peer", two, "times better peer"),
];

const training: readonly Column[] = [
  column("Stria, 1 thread", one, "processor ms"),
  column("PyTorch", "PyTorch, 1 thread", "processor ms"),
  column("times as fast", one, "times PyTorch, processor"),
  column("than at 128 bits", one, "times PyTorch, 128-bit, processor"),
  column("share of the peak", one, "% of peak"),
  column("Stria, 2 threads", two, "median ms"),
  column("times as fast as PyTorch", two, "times PyTorch"),
  column("as 1 thread", two, "times 1 thread"),
];

/** Processor time tells more than the clock where a thread works alone: neighbours of the machine do not count. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  training: [
    ...training,
    ...Object.values(ceilingNames).map((name) =>
      column(`${name} on 2, as on 1`, `${name}, 2 threads`, "times 1 thread"),
    ),
  ],
  inference,
  micro: [...inference, column("share of the peak", one, "% of peak")],
  memory: [
    column("Stria, 1 thread: above an empty process", one, "above an empty process MB"),
    column("above what is loaded", one, "above what is loaded MB"),
    column("PyTorch: above what is loaded", "PyTorch, 1 thread", "above what is loaded MB"),
    column("times PyTorch's", one, "times PyTorch's"),
    column("all above an empty process, times PyTorch's", one, "in all, times PyTorch's"),
    column("Stria, 2 threads: above what is loaded", two, "above what is loaded MB"),
  ],
};

/** Three digits, no more. */
function shown(value: number | undefined, figure: string): string {
  if (value === undefined) return "";
  if (figure.startsWith("%")) return `${Math.round(value)} %`;
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A median, and in brackets what half of all lie between, where that is known. */
function withSpread(row: Row | undefined, figure: string): string {
  const median = shown(valueOf(row, figure), figure);
  const spread = spreadOf(row, figure);
  return spread ? `${median} (${spread.map((value) => shown(value, "ms")).join("-")})` : median;
}

type Cell = (row: Row | undefined, figure: string) => string;

/** A line a case; columns that nobody filled are left out. */
function linesOf(report: Report, part: string, all: readonly Column[], cell: Cell): string[] {
  const cases = report.parts.get(part) ?? new Map<string, ReadonlyMap<string, Row>>();
  const wanted = all.filter(({ contestant, figure }) =>
    [...cases.values()].some((rows) => valueOf(rows.get(contestant), figure) !== undefined),
  );
  return markdown(
    ["", ...wanted.map(({ title }) => title)],
    [...cases].map(([name, rows]) => [
      nameOf(name),
      ...wanted.map(({ contestant, figure }) => cell(rows.get(contestant), figure)),
    ]),
  );
}

/** The table of a part. */
export function tableOf(report: Report, part: string): string[] {
  return linesOf(report, part, columns[part] ?? [], withSpread);
}

/** Training steps by their medians alone. */
export function shortTable(report: Report): string[] {
  return linesOf(report, "training", training, (row, figure) => shown(valueOf(row, figure), figure));
}

/** What has figures of its own: a line a contestant, a column a figure. */
export function figuresTable({ parts }: Report, part: string): string[] {
  const rows = [...(parts.get(part) ?? [])].flatMap(([name, all]) => [...all.values()].map((row) => ({ name, row })));
  const figures = [...new Set(rows.flatMap(({ row }) => Object.keys(row.figures)))];
  const lines = rows.map(({ name, row }) => [
    nameOf(name),
    ...figures.map((figure) => String(Number(row.figures[figure]?.toPrecision(4) ?? Number.NaN) || "")),
  ]);
  return markdown(["", ...figures], lines);
}

/** The other Nodes that were met, `Node 20`. */
export function otherNodes({ parts }: Report): string[] {
  const names = [...parts.values()].flatMap((cases) => [...cases.values()].flatMap((rows) => [...rows.keys()]));
  return [
    ...new Set(names.flatMap((name) => /^stria, (?<node>Node \d+), 1 thread$/.exec(name)?.groups?.["node"] ?? [])),
  ];
}

/** Everything in another Node beside this one: a line a case. */
export function nodeTable(report: Report, node: string): string[] {
  const there = `stria, ${node}, 1 thread`;
  const wanted = [
    column("here", one, "processor ms"),
    column(node, there, "processor ms"),
    column("takes times as long", one, `times stria, ${node}, processor`),
    column("times as fast as PyTorch", there, "times PyTorch, processor"),
    column("than at 128 bits", there, "times PyTorch, 128-bit, processor"),
    column("than the better WebAssembly peer", there, "times better peer, processor"),
    column(`${node}, 2 threads`, `stria, ${node}, 2 threads`, "median ms"),
    column("times as fast as 1 thread", `stria, ${node}, 2 threads`, "times 1 thread"),
  ];
  const lines = ["training", "inference", "micro"].flatMap((part) =>
    [...(report.parts.get(part) ?? [])].flatMap(([name, rows]) => {
      const figures = wanted.map(({ contestant, figure }) => shown(valueOf(rows.get(contestant), figure), figure));
      // The first is of this Node: a part may have been measured here alone.
      return figures.slice(1).some((figure) => figure !== "") ? [[`${part}: ${nameOf(name)}`, ...figures]] : [];
    }),
  );
  return markdown(["", ...wanted.map(({ title }) => title)], lines);
}

/** Starts have contestants of their own: a line each. */
export function startTable({ parts }: Report): string[] {
  const cases = parts.get("start") ?? new Map<string, ReadonlyMap<string, Row>>();
  const lines = [...cases].flatMap(([name, rows]) =>
    [...rows].map(([contestant, row]) => [
      `${name.split(", ").map(nameOf).join(", ")}: ${contestant}`,
      ...["median ms", "processor ms"].map((figure) => withSpread(row, figure)),
      row.fastest === undefined ? "" : shown(row.fastest, "ms"),
    ]),
  );
  return markdown(["ms", "by the clock", "processor time", "shortest by the clock"], lines);
}

/** Who has no figures: a line a contestant. */
export function leftTable({ left }: Report): string[] {
  const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "/");
  return markdown(
    ["", "who", "why"],
    left.map(({ part, case: name, contestant, reason }) => [
      `${part}: ${name.split(", ").map(nameOf).join(", ")}`,
      contestant,
      oneLine(reason),
    ]),
  );
}
