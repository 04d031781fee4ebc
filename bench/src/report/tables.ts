// The tables of a report, in Markdown.
import type { Row } from "../row.ts";
import { nameOf } from "./names.ts";
import type { Report } from "./report.ts";

interface Column {
  readonly title: string;
  readonly contestant: string;
  readonly figure: string;
}

const [one, two] = ["stria, 1 thread", "stria, 2 threads"];
const column = (title: string, contestant: string, figure: string): Column => ({ title, contestant, figure });

/** Processor time tells more than the clock where a thread works alone: neighbours of the machine do not count. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  training: [
    column("Stria, 1 thread", one, "processor ms"),
    column("PyTorch", "PyTorch, 1 thread", "processor ms"),
    column("times as fast", one, "times PyTorch, processor"),
    column("than at 128 bits", one, "times PyTorch, 128-bit, processor"),
    column("share of the peak", one, "% of peak"),
    column("Stria, 2 threads", two, "median ms"),
    column("times as fast as PyTorch", two, "times PyTorch"),
    column("as 1 thread", two, "times 1 thread"),
  ],
  inference: [
    column("Stria, 1 thread", one, "processor ms"),
    column("onnxruntime-web", "onnxruntime-web, 1 thread", "processor ms"),
    column("tfjs-wasm", "tfjs-wasm, 1 thread", "processor ms"),
    column("PyTorch", "PyTorch, 1 thread", "processor ms"),
    column("times the better WebAssembly peer", one, "times better peer, processor"),
    column("times PyTorch", one, "times PyTorch, processor"),
    column("Stria, 2 threads", two, "median ms"),
    column("times the better peer", two, "times better peer"),
  ],
  memory: [
    column("Stria, 1 thread: above an empty process", one, "above an empty process MB"),
    column("above what is loaded", one, "above what is loaded MB"),
    column("PyTorch: above what is loaded", "PyTorch, 1 thread", "above what is loaded MB"),
  ],
};

function valueOf(row: Row | undefined, figure: string): number | undefined {
  return figure === "median ms" ? row?.median : row?.figures[figure];
}

/** Three digits, no more. */
function shown(value: number | undefined, figure: string): string {
  if (value === undefined) return "";
  if (figure.startsWith("%")) return `${Math.round(value)} %`;
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...lines.map(line)];
}

/** A line a case; columns that nobody filled are left out. */
export function tableOf(report: Report, part: string): string[] {
  const cases = report.parts.get(part) ?? new Map<string, ReadonlyMap<string, Row>>();
  const wanted = (columns[part === "micro" ? "inference" : part] ?? []).filter(({ contestant, figure }) =>
    [...cases.values()].some((rows) => valueOf(rows.get(contestant), figure) !== undefined),
  );
  return markdown(
    ["", ...wanted.map(({ title }) => title)],
    [...cases].map(([name, rows]) => [
      nameOf(name),
      ...wanted.map(({ contestant, figure }) => shown(valueOf(rows.get(contestant), figure), figure)),
    ]),
  );
}

/** Starts have contestants of their own: a line each. */
export function startTable({ parts }: Report): string[] {
  const cases = parts.get("start") ?? new Map<string, ReadonlyMap<string, Row>>();
  const lines = [...cases].flatMap(([name, rows]) =>
    [...rows].map(([contestant, row]) => [
      `${name.split(", ").map(nameOf).join(", ")}: ${contestant}`,
      ...["median ms", "processor ms"].map((figure) => shown(valueOf(row, figure), figure)),
    ]),
  );
  return markdown(["ms", "by the clock", "processor time"], lines);
}
